package org.etalon.analysis.dataset;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.inference.npy.NpyWriter;

/**
 * The output files of a data set while they are written. Rows are collected in one array file an
 * output; archives are packed from those at the end, and every file appears under its name whole.
 * Owned by one thread.
 */
final class OutputFiles implements AutoCloseable {
  private final List<OutputTarget> targets;
  private final List<RowLayout> layouts;
  private final Map<String, NpyWriter> writers = new LinkedHashMap<>();

  private OutputFiles(List<OutputTarget> targets, List<RowLayout> layouts) {
    this.targets = targets;
    this.layouts = layouts;
  }

  /**
   * Begins the files, or goes on with them.
   *
   * @param completeRows how many of the first rows are collected already
   */
  static OutputFiles open(
      List<OutputTarget> targets, List<RowLayout> layouts, long rows, long completeRows)
      throws IOException {
    OutputFiles files = new OutputFiles(targets, layouts);
    try {
      for (RowLayout layout : layouts) {
        OutputTarget target = files.targetOf(layout.name());
        Path collected =
            target.format() == OutputTarget.Format.NPY
                ? target.path()
                : target.beside(layout.name() + ".npy");
        files.writers.put(
            layout.name(),
            NpyWriter.resume(
                collected,
                target.partial(layout.name()),
                completeRows,
                layout.dtype(),
                layout.arrayShape(rows)));
      }
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
    return files;
  }

  private OutputTarget targetOf(String output) {
    for (OutputTarget target : targets) {
      if (target.outputs().contains(output)) {
        return target;
      }
    }
    throw new IllegalStateException("no file for output " + output);
  }

  void write(OutputBlock block) throws IOException {
    int output = 0;
    for (NpyWriter writer : writers.values()) {
      writer.write(block.firstRow(), block.rows(output++));
    }
  }

  /** Puts on disk what was written so far. */
  void force() throws IOException {
    for (NpyWriter writer : writers.values()) {
      writer.force();
    }
  }

  /** Makes all files appear under their names. */
  void finish() throws IOException {
    for (NpyWriter writer : writers.values()) {
      writer.finish();
    }
    for (OutputTarget target : targets) {
      switch (target.format()) {
        case NPY -> {}
        case NPZ -> pack(target, OutputFiles::writeZip);
        case HDF5 -> pack(target, OutputFiles::writeHdf5);
      }
    }
  }

  private interface Packer {
    void pack(Path into, Map<String, Path> arrays) throws IOException;
  }

  private void pack(OutputTarget target, Packer packer) throws IOException {
    Map<String, Path> arrays = new LinkedHashMap<>();
    for (RowLayout layout : layouts) {
      if (target.outputs().contains(layout.name())) {
        arrays.put(layout.name(), target.beside(layout.name() + ".npy"));
      }
    }
    Path packed = target.beside("packed");
    try {
      packer.pack(packed, arrays);
      Files.move(
          packed,
          target.path(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(packed);
    }
    for (Path array : arrays.values()) {
      Files.delete(array);
    }
  }

  private static void writeZip(Path into, Map<String, Path> arrays) throws IOException {
    try (OutputStream file = Files.newOutputStream(into);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (Map.Entry<String, Path> array : arrays.entrySet()) {
        ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
        entry.setTime(0); // the same rows give the same bytes
        zip.putNextEntry(entry);
        Files.copy(array.getValue(), zip);
        zip.closeEntry();
      }
    }
  }

  private static void writeHdf5(Path into, Map<String, Path> arrays) throws IOException {
    try (WritableHdfFile file = HdfFile.write(into)) {
      for (Map.Entry<String, Path> array : arrays.entrySet()) {
        file.putDataset(array.getKey(), nested(array.getKey(), Npy.map(array.getValue())));
      }
    } catch (HdfException | ArithmeticException | NegativeArraySizeException e) {
      throw new IOException(
          "%s: HDF5 cannot be written: %s (write .npy or .npz instead)"
              .formatted(into, e.getMessage()),
          e);
    }
  }

  /** The array as Java's nested arrays, the only form jHDF writes. */
  private static Object nested(String name, NpyArray array) throws IOException {
    Object flat =
        switch (array.dtype()) {
          case "<f4" -> array.data().toArray(Tensor.FLOAT);
          case "<f8" -> array.data().toArray(Tensor.DOUBLE);
          case "|i1", "|b1" -> array.data().toArray(ValueLayout.JAVA_BYTE);
          case "<i2" -> array.data().toArray(Tensor.SHORT);
          case "<i4" -> array.data().toArray(Tensor.INT);
          case "<i8" -> array.data().toArray(Tensor.LONG);
          default ->
              throw new IOException(
                  "output '%s' is %s, which is not written to HDF5 (write .npy or .npz instead)"
                      .formatted(name, array.dtype()));
        };
    return split(flat, array.shape(), 0, new int[1]);
  }

  private static Object split(Object flat, long[] shape, int dimension, int[] at) {
    int length = Math.toIntExact(shape[dimension]);
    if (dimension == shape.length - 1) {
      Object part = java.lang.reflect.Array.newInstance(flat.getClass().getComponentType(), length);
      System.arraycopy(flat, at[0], part, 0, length);
      at[0] += length;
      return part;
    }
    List<Object> parts = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      parts.add(split(flat, shape, dimension + 1, at));
    }
    Class<?> type = flat.getClass();
    for (int i = dimension + 2; i < shape.length; i++) {
      type = type.arrayType();
    }
    Object array = java.lang.reflect.Array.newInstance(type, length);
    for (int i = 0; i < length; i++) {
      java.lang.reflect.Array.set(array, i, parts.get(i));
    }
    return array;
  }

  /** Deletes what was collected of files that are not finished. */
  void discard() throws IOException {
    for (RowLayout layout : layouts) {
      Files.deleteIfExists(targetOf(layout.name()).partial(layout.name()));
    }
  }

  @Override
  public void close() throws IOException {
    for (NpyWriter writer : writers.values()) {
      writer.close();
    }
  }
}
