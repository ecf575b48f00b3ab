package org.etalon.backends.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.etalon.inference.DataType;

/**
 * The inputs and outputs of a model file, in its order.
 *
 * @param inputs that every run needs
 * @param defaulted inputs that have a value in the file, which a run may replace
 */
record ModelSignature(
    List<TensorSpec> inputs, List<TensorSpec> defaulted, List<TensorSpec> outputs) {
  ModelSignature {
    inputs = List.copyOf(inputs);
    defaulted = List.copyOf(defaulted);
    outputs = List.copyOf(outputs);
  }

  /** Those that a run needs, and those that it may give. */
  List<TensorSpec> allInputs() {
    return Stream.concat(inputs.stream(), defaulted.stream()).toList();
  }

  /**
   * @throws org.etalon.inference.ServingException UNIMPLEMENTED if one is not a tensor, or of an
   *     element type that the protocol cannot carry
   */
  static ModelSignature read(OnnxSession session, OrtSetup setup, ModelLabel label)
      throws OrtException {
    return new ModelSignature(
        specs(session.inputs(), "input", label),
        defaulted(session, setup, label),
        specs(session.outputs(), "output", label));
  }

  private static List<TensorSpec> defaulted(OnnxSession session, OrtSetup setup, ModelLabel label)
      throws OrtException {
    List<TensorSpec> specs = new ArrayList<>();
    for (OrtSetup.NamedTensor tensor : setup.overridableInitializers(session.pointer())) {
      DataType datatype =
          ElementType.ofNumber(tensor.type().elementType())
              .orElseThrow(() ->
                  label.unsupported(
                      "input '%s' has elements that the protocol cannot carry (add a Cast)"
                          .formatted(tensor.name())));
      specs.add(new TensorSpec(tensor.name(), datatype, free(tensor.type().dims())));
    }
    return specs;
  }

  /** True if every input and output leaves its first extent open. */
  boolean canBatch() {
    return !inputs.isEmpty()
        && Stream.concat(inputs.stream(), outputs.stream()).allMatch(TensorSpec::hasFreeFirst);
  }

  private static List<TensorSpec> specs(Collection<NodeInfo> nodes, String kind, ModelLabel label) {
    List<TensorSpec> specs = new ArrayList<>(nodes.size());
    for (NodeInfo node : nodes) {
      if (!(node.getInfo() instanceof TensorInfo tensor)) {
        throw label.unsupported(
            "%s '%s' is %s (expected: a tensor; export the model with tensors only)"
                .formatted(kind, node.getName(), node.getInfo()));
      }
      DataType datatype =
          ElementType.of(tensor.onnxType)
              .orElseThrow(() ->
                  label.unsupported(
                      "%s '%s' has elements of %s, which the protocol cannot carry (add a Cast)"
                          .formatted(kind, node.getName(), tensor.onnxType)));
      specs.add(new TensorSpec(node.getName(), datatype, dims(tensor)));
    }
    return specs;
  }

  private static List<Long> dims(TensorInfo tensor) {
    return free(tensor.getShape());
  }

  private static List<Long> free(long[] shape) {
    return Arrays.stream(shape).map(dim -> dim < 0 ? TensorSpec.FREE : dim).boxed().toList();
  }
}
