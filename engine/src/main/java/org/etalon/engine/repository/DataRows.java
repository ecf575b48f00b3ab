package org.etalon.engine.repository;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;

/**
 * A model's fixed inputs, {@code input.npy} or {@code input_NAME.npy} of a folder of its own.
 * Immutable.
 */
public final class DataRows {
  private final List<Tensor> inputs;
  private final boolean isBatching;

  private DataRows(List<Tensor> inputs, boolean isBatching) {
    this.inputs = inputs;
    this.isBatching = isBatching;
  }

  /**
   * @param config as completed when the model was loaded
   * @throws ServingException INVALID_ARGUMENT if an input is missing, has another datatype, or
   *     another number of rows than the others
   */
  public static DataRows read(ModelConfig config, Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw ServingException.invalid(
          "%s is not there (expected: a folder with the inputs' arrays)".formatted(folder));
    }
    List<String> present;
    try (Stream<Path> entries = Files.list(folder)) {
      present = entries.map(path -> path.getFileName().toString()).toList();
    }
    Map<String, Path> files = ReferenceFiles.inputs(config, folder, present);
    List<Tensor> inputs = new ArrayList<>();
    for (ModelInput input : config.getInputList()) {
      Path file = files.get(input.getName());
      if (file != null) {
        inputs.add(tensor(input, file));
      }
    }
    boolean isBatching = config.getMaxBatchSize() > 0;
    long counts = inputs.stream().mapToLong(DataRows::rows).distinct().count();
    if (isBatching && (counts != 1 || rows(inputs.getFirst()) == 0)) {
      throw ServingException.invalid(
          "%s: %s (expected: the same number of rows, 1 or more, for all inputs)"
              .formatted(folder, inputs));
    }
    return new DataRows(inputs, isBatching);
  }

  private static Tensor tensor(ModelInput input, Path file) throws IOException {
    NpyArray array = Npy.read(file);
    DataType datatype = ConfiguredDataType.of(input.getDataType());
    if (!NpyValues.dtype(datatype).equals(array.dtype())) {
      throw ServingException.invalid(
          "%s holds %s (expected for input '%s': %s)"
              .formatted(file, array, input.getName(), NpyValues.dtype(datatype)));
    }
    return new Tensor(input.getName(), datatype, Shape.of(array.shape()), array.data());
  }

  private static long rows(Tensor tensor) {
    return tensor.shape().rank() == 0 ? 0 : tensor.shape().dim(0);
  }

  /** How many requests of one row there are; 1 if the model does not batch. */
  public long count() {
    return isBatching ? rows(inputs.getFirst()) : 1;
  }

  /** One row; everything if the model does not batch. */
  public List<Tensor> row(long index) {
    return batch(index, 1);
  }

  /** So many rows, from the beginning again where there are no more. */
  public List<Tensor> batch(long first, int size) {
    return isBatching ? inputs.stream().map(input -> batch(input, first, size)).toList() : inputs;
  }

  private static Tensor batch(Tensor whole, long first, int size) {
    long rows = rows(whole);
    long rowBytes = whole.data().byteSize() / rows;
    MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(rowBytes * size)]);
    for (int i = 0; i < size; i++) {
      long from = (first + i) % rows * rowBytes;
      MemorySegment.copy(whole.data(), from, data, i * rowBytes, rowBytes);
    }
    return new Tensor(whole.name(), whole.datatype(), whole.shape().withFirst(size), data);
  }
}
