package org.etalon.analysis.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.inference.DataType;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.etalon.inference.npy.NpyDataTypes;

/**
 * One input of the model and the array that feeds it.
 *
 * @param datatype of both
 */
record DatasetInput(String name, DataType datatype, Path path, DatasetArray array)
    implements AutoCloseable {
  /**
   * Opens a file for every input of the model.
   *
   * @param files as in {@link DatasetConfig#inputs}
   * @throws IOException if a file cannot be read, is not of the input's datatype and shape, or has
   *     another number of rows; if a name is not an input's
   */
  static List<DatasetInput> openAll(ModelMetadata model, Map<String, Path> files)
      throws IOException {
    checkNames(model, files.keySet());
    List<DatasetInput> inputs = new ArrayList<>();
    try {
      for (TensorMetadata wanted : model.inputs()) {
        Path path = files.getOrDefault(wanted.name(), files.get(""));
        if (path == null) {
          throw new IOException(
              "model '%s' has an input '%s' that no file is given for (give --input %s=FILE)"
                  .formatted(model.name(), wanted.name(), wanted.name()));
        }
        DatasetInput input = open(wanted, path);
        inputs.add(input);
        checkRows(inputs.getFirst(), input);
      }
    } catch (IOException | RuntimeException e) {
      closeAll(inputs);
      throw e;
    }
    return inputs;
  }

  static void closeAll(List<DatasetInput> inputs) throws IOException {
    for (DatasetInput input : inputs) {
      input.close();
    }
  }

  private static void checkNames(ModelMetadata model, Set<String> given) throws IOException {
    Set<String> known = new TreeSet<>();
    model.inputs().forEach(input -> known.add(input.name()));
    for (String name : given) {
      if (!name.isEmpty() && !known.contains(name)) {
        throw new IOException(
            "model '%s' has no input '%s' (expected: one of %s)"
                .formatted(model.name(), name, known));
      }
    }
  }

  private static DatasetInput open(TensorMetadata wanted, Path path) throws IOException {
    if (!Files.isReadable(path)) {
      throw new IOException(
          "%s: %s".formatted(path, Files.exists(path) ? "not readable" : "no such file"));
    }
    DatasetArray array = openArray(path, wanted.name());
    try {
      if (!NpyDataTypes.datatype(array.dtype()).equals(java.util.Optional.of(wanted.datatype()))) {
        throw new IOException(
            "%s: %s (expected: %s, as input '%s' is %s; convert it with .astype)"
                .formatted(
                    path,
                    array.dtype(),
                    NpyDataTypes.dtype(wanted.datatype()).orElse("nothing NumPy has"),
                    wanted.name(),
                    wanted.datatype()));
      }
      Shape shape = array.shape();
      if (shape.rank() == 0 || !wanted.accepts(shape)) {
        throw new IOException(
            "%s: shape %s (expected: %s, as input '%s' has, the rows first)"
                .formatted(path, shape, wanted.shape(), wanted.name()));
      }
      return new DatasetInput(wanted.name(), wanted.datatype(), path, array);
    } catch (IOException | RuntimeException e) {
      array.close();
      throw e;
    }
  }

  private static DatasetArray openArray(Path path, String tensor) throws IOException {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".npz")) {
      return NumpyDatasetArray.ofNpz(path, tensor);
    }
    if (name.endsWith(".h5") || name.endsWith(".hdf5") || name.endsWith(".hdf")) {
      return Hdf5DatasetArray.open(path, tensor);
    }
    return NumpyDatasetArray.ofNpy(path);
  }

  private static void checkRows(DatasetInput first, DatasetInput other) throws IOException {
    if (first.rowCount() != other.rowCount()) {
      throw new IOException(
          "%s: %d rows (expected: %d, as %s has)"
              .formatted(other.path(), other.rowCount(), first.rowCount(), first.path()));
    }
  }

  long rowCount() {
    return array.shape().dim(0);
  }

  /** Bytes of one row. */
  long rowBytes() {
    return Tensor.byteSize(datatype, array.shape().withFirst(1));
  }

  @Override
  public void close() throws IOException {
    array.close();
  }
}
