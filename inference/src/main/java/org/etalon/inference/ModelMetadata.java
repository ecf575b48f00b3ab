package org.etalon.inference;

import java.util.List;

/**
 * What a model takes and gives.
 *
 * @param versions those that are ready, ascending
 * @param platform what runs it, such as {@code onnxruntime_onnx}
 */
public record ModelMetadata(
    String name,
    List<Long> versions,
    String platform,
    List<TensorMetadata> inputs,
    List<TensorMetadata> outputs) {
  public ModelMetadata {
    versions = List.copyOf(versions);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
