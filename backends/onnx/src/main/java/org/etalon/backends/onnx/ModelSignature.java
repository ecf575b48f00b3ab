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

/** The inputs and outputs of a model file, in its order. */
record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
  ModelSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * @throws org.etalon.inference.ServingException UNIMPLEMENTED if one is not a tensor, or of an
   *     element type that the protocol cannot carry
   */
  static ModelSignature read(OnnxSession session, ModelLabel label) throws OrtException {
    return new ModelSignature(
        specs(session.inputs(), "input", label), specs(session.outputs(), "output", label));
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
    return Arrays.stream(tensor.getShape())
        .map(dim -> dim < 0 ? TensorSpec.FREE : dim)
        .boxed()
        .toList();
  }
}
