package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What a request to one model must look like; says what is wrong in the words that Triton's clients
 * read. Immutable.
 */
final class RequestRules {
  private final String model;
  private final int maxBatchSize;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final int requiredInputs;
  private final int[] allOutputs;

  RequestRules(String model, int maxBatchSize, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    this.model = model;
    this.maxBatchSize = maxBatchSize;
    this.inputs = inputs;
    this.outputs = outputs;
    this.requiredInputs = (int) inputs.stream().filter(input -> !input.isOptional()).count();
    this.allOutputs = java.util.stream.IntStream.range(0, outputs.size()).toArray();
  }

  /**
   * The request's tensors as the model sees them, in the order of the configuration, null where an
   * optional one is absent.
   *
   * @throws ServingException INVALID_ARGUMENT
   */
  @Nullable Tensor[] inputsOf(InferenceRequest request) {
    @Nullable Tensor[] ordered = new Tensor[inputs.size()];
    for (Tensor tensor : request.inputs()) {
      int index = indexOf(inputs, tensor.name());
      if (index < 0) {
        throw ServingException.invalid(
            "unexpected inference input '%s' for model '%s'".formatted(tensor.name(), model));
      }
      if (ordered[index] != null) {
        throw ServingException.invalid(
            "input '%s' is given more than once for model '%s'".formatted(tensor.name(), model));
      }
      ordered[index] = tensor;
    }
    checkNoneMissing(ordered, request.inputs());
    for (int i = 0; i < ordered.length; i++) {
      Tensor tensor = ordered[i];
      if (tensor != null) {
        check(tensor, inputs.get(i).metadata());
        ordered[i] = inputs.get(i).reshaped(tensor);
      }
    }
    return ordered;
  }

  /**
   * The batch dimension that all inputs share; 1 for a model that does not batch.
   *
   * @throws ServingException INVALID_ARGUMENT
   */
  int rowsOf(@Nullable Tensor[] ordered) {
    if (maxBatchSize == 0) {
      return 1;
    }
    long rows = -1;
    for (int i = 0; i < ordered.length; i++) {
      Tensor tensor = ordered[i];
      if (tensor == null) {
        continue;
      }
      long own =
          inputs.get(i).layout() == Layout.Plain.SHAPE_VALUES
              ? InputLayouts.batchOf(tensor)
              : tensor.shape().dim(0);
      if (rows >= 0 && own != rows) {
        throw ServingException.invalid(
            "input '%s' batch size does not match other inputs for '%s'"
                .formatted(tensor.name(), model));
      }
      rows = own;
    }
    if (rows > maxBatchSize) {
      throw ServingException.invalid(
          "inference request batch-size must be <= %d for '%s'".formatted(maxBatchSize, model));
    }
    if (rows < 1) {
      throw ServingException.invalid(
          "inference request batch-size must be >= 1 for '%s'".formatted(model));
    }
    return (int) rows;
  }

  /**
   * Which outputs are wanted, as indexes in the configuration and in the order asked for.
   *
   * @throws ServingException INVALID_ARGUMENT
   */
  int[] outputsOf(InferenceRequest request) {
    List<RequestedOutput> requested = request.outputs();
    if (requested.isEmpty()) {
      return allOutputs;
    }
    int[] indexes = new int[requested.size()];
    for (int i = 0; i < indexes.length; i++) {
      String name = requested.get(i).name();
      indexes[i] = indexOf(outputs, name);
      if (indexes[i] < 0) {
        throw ServingException.invalid(
            "unexpected inference output '%s' for model '%s'".formatted(name, model));
      }
      for (int j = 0; j < i; j++) {
        if (indexes[j] == indexes[i]) {
          throw ServingException.invalid(
              "output '%s' is requested more than once for model '%s'".formatted(name, model));
        }
      }
    }
    return indexes;
  }

  private void checkNoneMissing(@Nullable Tensor[] ordered, List<Tensor> given) {
    List<String> missing = new ArrayList<>(0);
    for (int i = 0; i < ordered.length; i++) {
      if (ordered[i] == null && !inputs.get(i).isOptional()) {
        missing.add(inputs.get(i).name());
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    String expected =
        requiredInputs == inputs.size()
            ? "expected %d inputs but got %d inputs".formatted(inputs.size(), given.size())
            : "expected number of inputs between %d and %d but got %d inputs"
                .formatted(requiredInputs, inputs.size(), given.size());
    throw ServingException.invalid(
        "%s for model '%s'. Got input(s) [%s], but missing required input(s) [%s]. Please provide all required input(s)."
            .formatted(
                expected,
                model,
                quoted(given.stream().map(Tensor::name).toList()),
                quoted(missing)));
  }

  private static String quoted(List<String> names) {
    return names.isEmpty() ? "" : "'" + String.join("','", names) + "'";
  }

  private void check(Tensor tensor, TensorMetadata expected) {
    if (tensor.datatype() != expected.datatype()) {
      throw ServingException.invalid(
          "inference input '%s' data-type is '%s', but model '%s' expects '%s'"
              .formatted(tensor.name(), tensor.datatype(), model, expected.datatype()));
    }
    if (!expected.accepts(tensor.shape())) {
      throw ServingException.invalid(
          "unexpected shape for input '%s' for model '%s'. Expected %s, got %s."
              .formatted(tensor.name(), model, text(expected.shape()), tensor.shape()));
    }
    if (tensor.datatype() == DataType.BYTES) {
      checkElements(tensor);
    }
  }

  private void checkElements(Tensor tensor) {
    long count;
    try {
      count = BytesElements.count(tensor.data());
    } catch (IllegalArgumentException e) {
      throw new ServingException(
          org.etalon.inference.ErrorCode.INVALID_ARGUMENT,
          "inference input '%s' for model '%s': %s".formatted(tensor.name(), model, e.getMessage()),
          e);
    }
    Shape shape = tensor.shape();
    if (count < shape.elementCount()) {
      throw ServingException.invalid(
          "expected %d string elements for inference input '%s' for model '%s', got %d"
              .formatted(shape.elementCount(), tensor.name(), model, count));
    }
    if (count > shape.elementCount()) {
      throw ServingException.invalid(
          "unexpected number of string elements %d for inference input '%s' for model '%s', expecting %d"
              .formatted(count, tensor.name(), model, shape.elementCount()));
    }
  }

  private static String text(List<Long> shape) {
    return shape.toString().replace(" ", "");
  }

  private static int indexOf(List<TensorSpec> specs, String name) {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
