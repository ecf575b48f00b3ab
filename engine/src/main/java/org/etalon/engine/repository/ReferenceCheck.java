package org.etalon.engine.repository;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.engine.config.ModelConfigRules;
import org.etalon.engine.scheduling.TrialRun;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;

/**
 * Compares an instance's outputs with those that the model's author has put beside it ({@code
 * reference/}). Thread-safe.
 */
final class ReferenceCheck {
  private final ModelConfig config;
  private final ModelFiles files;
  private final TrialRun run;
  private final double tolerance;

  ReferenceCheck(ModelConfig config, ModelFiles files, TrialRun run) {
    this.config = config;
    this.files = files;
    this.run = run;
    this.tolerance = ModelConfigRules.referenceTolerance(config);
  }

  /**
   * Runs all rows of the reference, in batches of at most {@code max_batch_size}; a model that does
   * not batch runs the whole arrays once.
   *
   * @throws ServingException if the reference cannot be read, does not fit the model, or is not
   *     what the instance gives
   */
  void run(ModelInstance instance, OutputMemory.Pool pool) {
    try {
      ReferenceFiles reference = ReferenceFiles.of(config, files);
      if (!reference.outputs().isEmpty()) {
        compare(instance, pool, inputs(reference), outputs(reference));
      }
    } catch (IOException e) {
      throw new ServingException(ErrorCode.INVALID_ARGUMENT, "reference: " + e.getMessage(), e);
    }
  }

  private List<Tensor> inputs(ReferenceFiles reference) throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    for (ModelInput input : config.getInputList()) {
      Path file = reference.inputs().get(input.getName());
      if (file != null) {
        inputs.add(input(file, input));
      }
    }
    return inputs;
  }

  private Tensor input(Path file, ModelInput input) throws IOException {
    NpyArray array = Npy.read(file);
    DataType datatype = ConfiguredDataType.of(input.getDataType());
    Shape shape = Shape.of(array.shape());
    List<Long> expected = new ArrayList<>(input.getDimsList());
    if (isBatching()) {
      expected.addFirst(TensorMetadata.ANY);
    }
    TensorMetadata metadata = new TensorMetadata(input.getName(), datatype, expected);
    if (!NpyValues.dtype(datatype).equals(array.dtype()) || !metadata.accepts(shape)) {
      throw ServingException.invalid(
          "reference: %s holds %s (expected for input '%s': %s %s)"
              .formatted(file, array, input.getName(), NpyValues.dtype(datatype), expected));
    }
    return new Tensor(input.getName(), datatype, shape, array.data());
  }

  private static Map<String, NpyArray> outputs(ReferenceFiles reference) throws IOException {
    Map<String, NpyArray> outputs = new TreeMap<>();
    for (Map.Entry<String, Path> output : reference.outputs().entrySet()) {
      outputs.put(output.getKey(), Npy.read(output.getValue()));
    }
    return outputs;
  }

  private void compare(
      ModelInstance instance,
      OutputMemory.Pool pool,
      List<Tensor> inputs,
      Map<String, NpyArray> expected) {
    if (!isBatching()) {
      run.of(instance, inputs, pool, outputs -> compare(outputs, expected, 0, 1));
      return;
    }
    long rows = rows(inputs, expected);
    for (long first = 0; first < rows; first += config.getMaxBatchSize()) {
      int count = (int) Math.min(config.getMaxBatchSize(), rows - first);
      long from = first;
      List<Tensor> part = inputs.stream().map(input -> rows(input, from, count)).toList();
      run.of(instance, part, pool, outputs -> compare(outputs, expected, from, rows));
    }
  }

  private boolean isBatching() {
    return config.getMaxBatchSize() > 0;
  }

  /** The number of rows, which all arrays have to share. */
  private static long rows(List<Tensor> inputs, Map<String, NpyArray> outputs) {
    Map<String, Long> counts = new TreeMap<>();
    inputs.forEach(input -> counts.put("input " + input.name(), input.shape().dim(0)));
    outputs.forEach((name, array) ->
        counts.put("output " + name, array.shape().length == 0 ? 0 : array.shape()[0]));
    if (counts.values().stream().distinct().count() > 1) {
      throw ServingException.invalid(
          "reference: rows by tensor %s (expected: the same number for all)".formatted(counts));
    }
    return counts.values().iterator().next();
  }

  private static Tensor rows(Tensor tensor, long first, int count) {
    Shape shape = tensor.shape().withFirst(count);
    long bytes = Tensor.byteSize(tensor.datatype(), shape);
    MemorySegment data = tensor.data().asSlice(first * (bytes / count), bytes);
    return new Tensor(tensor.name(), tensor.datatype(), shape, data);
  }

  /**
   * @param first the reference's row that the batch begins with
   * @param rows of the whole reference; 1 if the model does not batch
   */
  private void compare(
      List<Tensor> outputs, Map<String, NpyArray> expected, long first, long rows) {
    for (Tensor given : outputs) {
      if (expected.containsKey(given.name())) {
        compare(given, expected.get(given.name()), first, rows);
      }
    }
  }

  private void compare(Tensor given, NpyArray expected, long first, long rows) {
    Shape whole = isBatching() ? given.shape().withFirst(rows) : given.shape();
    if (!Shape.of(expected.shape()).equals(whole)) {
      throw ServingException.invalid(
          "reference output '%s': the model gives %s, the file holds %s"
              .formatted(given.name(), whole, expected));
    }
    long rowSize = whole.elementCount() / Math.max(1, rows);
    for (long i = 0; i < given.shape().elementCount(); i++) {
      double distance = NpyValues.distance(given, i, expected, first * rowSize + i);
      if (!(distance <= tolerance)) { // NaN where only one of the two is not a number
        throw ServingException.invalid(
            "reference output '%s', row %d, element %d: %s (expected: %s, tolerance %s)"
                .formatted(
                    given.name(),
                    first + i / rowSize,
                    i % rowSize,
                    NpyValues.text(given, i),
                    NpyValues.text(expected, first * rowSize + i),
                    tolerance));
      }
    }
  }
}
