package org.etalon.conversion.caffe2;

import java.util.Optional;
import org.etalon.conversion.onnx.ElementType;
import org.etalon.conversion.onnx.OnnxTensor;

/**
 * What a blob holds at a moment. Immutable.
 *
 * @param name of the tensor in the ONNX graph
 * @param rank number of its dimensions
 * @param constant its elements, where they are known beforehand
 */
record Value(String name, ElementType type, int rank, Optional<OnnxTensor> constant) {
  static Value computed(String name, ElementType type, int rank) {
    return new Value(name, type, rank, Optional.empty());
  }
}
