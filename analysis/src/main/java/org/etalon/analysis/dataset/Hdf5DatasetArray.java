package org.etalon.analysis.dataset;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** A dataset of an HDF5 file, read a slice at a time. */
record Hdf5DatasetArray(Path path, HdfFile file, Dataset dataset, String dtype)
    implements DatasetArray {
  /** The dataset whose last name or whole path is the tensor's, or the only one. */
  static DatasetArray open(Path path, String tensor) throws IOException {
    HdfFile file;
    try {
      file = new HdfFile(path);
    } catch (HdfException | IllegalArgumentException e) {
      throw new IOException("%s: not a readable HDF5 file: %s".formatted(path, e.getMessage()), e);
    }
    try {
      Dataset dataset = find(path, file, tensor);
      return new Hdf5DatasetArray(path, file, dataset, dtype(path, dataset));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e instanceof IOException io ? io : new IOException(path + ": " + e.getMessage(), e);
    }
  }

  private static Dataset find(Path path, HdfFile file, String tensor) throws IOException {
    List<Dataset> all = new ArrayList<>();
    collect(file, all);
    List<Dataset> named =
        all.stream()
            .filter(dataset ->
                dataset.getName().equals(tensor) || dataset.getPath().equals("/" + tensor))
            .toList();
    if (named.size() == 1) {
      return named.getFirst();
    }
    if (all.size() == 1) {
      return all.getFirst();
    }
    throw new IOException(
        "%s: %d datasets named '%s' (expected: one; there are %s)"
            .formatted(path, named.size(), tensor, all.stream().map(Dataset::getPath).toList()));
  }

  private static void collect(Group group, List<Dataset> into) {
    for (Node node : group) {
      if (node instanceof Dataset dataset) {
        into.add(dataset);
      } else if (node instanceof Group child) {
        collect(child, into);
      }
    }
  }

  private static String dtype(Path path, Dataset dataset) throws IOException {
    Class<?> type = dataset.getJavaType();
    int size = dataset.getDataType().getSize();
    if (type == float.class || type == double.class) {
      return "<f" + size;
    }
    if (type == byte.class || type == short.class || type == int.class || type == long.class) {
      boolean isSigned =
          !(dataset.getDataType() instanceof io.jhdf.object.datatype.FixedPoint number)
              || number.isSigned();
      return (size == 1 ? "|" : "<") + (isSigned ? "i" : "u") + size;
    }
    throw new IOException(
        "%s: dataset %s holds %s (expected: numbers)"
            .formatted(path, dataset.getPath(), type.getSimpleName()));
  }

  @Override
  public Shape shape() {
    long[] dims = new long[dataset.getDimensions().length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dataset.getDimensions()[i];
    }
    return Shape.of(dims);
  }

  @Override
  public MemorySegment rows(long first, long count) throws IOException {
    int[] dims = dataset.getDimensions().clone();
    long[] offset = new long[dims.length];
    offset[0] = first;
    dims[0] = Math.toIntExact(count);
    int itemBytes = dataset.getDataType().getSize();
    MemorySegment rows =
        MemorySegment.ofArray(
            new byte[Math.toIntExact(shape().withFirst(count).elementCount() * itemBytes)]);
    try {
      flatten(dataset.getData(offset, dims), rows, 0);
    } catch (HdfException | IllegalArgumentException e) {
      throw new IOException(
          "%s: dataset %s, rows %d to %d: %s"
              .formatted(path, dataset.getPath(), first, first + count, e.getMessage()),
          e);
    }
    return rows;
  }

  /** Copies nested arrays row by row; returns where the next begins. */
  private static long flatten(Object array, MemorySegment into, long offset) {
    switch (array) {
      case float[] values ->
          MemorySegment.copy(values, 0, into, Tensor.FLOAT, offset, values.length);
      case double[] values ->
          MemorySegment.copy(values, 0, into, Tensor.DOUBLE, offset, values.length);
      case byte[] values ->
          MemorySegment.copy(
              values, 0, into, java.lang.foreign.ValueLayout.JAVA_BYTE, offset, values.length);
      case short[] values ->
          MemorySegment.copy(values, 0, into, Tensor.SHORT, offset, values.length);
      case int[] values -> MemorySegment.copy(values, 0, into, Tensor.INT, offset, values.length);
      case long[] values -> MemorySegment.copy(values, 0, into, Tensor.LONG, offset, values.length);
      case Object[] nested -> {
        long at = offset;
        for (Object inner : nested) {
          at = flatten(inner, into, at);
        }
        return at;
      }
      default ->
          throw new IllegalArgumentException("array of " + array.getClass().getComponentType());
    }
    return offset + bytes(array);
  }

  private static long bytes(Object array) {
    return switch (array) {
      case float[] values -> 4L * values.length;
      case double[] values -> 8L * values.length;
      case byte[] values -> values.length;
      case short[] values -> 2L * values.length;
      case int[] values -> 4L * values.length;
      case long[] values -> 8L * values.length;
      default -> throw new IllegalArgumentException("array of " + array.getClass());
    };
  }

  @Override
  public void close() {
    file.close();
  }
}
