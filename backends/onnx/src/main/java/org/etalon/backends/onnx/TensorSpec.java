package org.etalon.backends.onnx;

import java.util.List;
import java.util.StringJoiner;
import org.etalon.inference.DataType;

/**
 * An input or output as the model file describes it.
 *
 * @param dims all extents, with the batch if the model has one; {@link #FREE} where any will do
 */
record TensorSpec(String name, DataType datatype, List<Long> dims) {
  /** An extent that the file leaves open; the configuration writes it so too. */
  static final long FREE = -1;

  TensorSpec {
    dims = List.copyOf(dims);
  }

  /**
   * True if the file gives a rank. ONNX Runtime answers no extents both for a scalar and for a
   * tensor whose shape the exporter left out, so neither may be told from the other.
   */
  boolean hasShape() {
    return !dims.isEmpty();
  }

  boolean hasFreeFirst() {
    return hasShape() && dims.getFirst() == FREE;
  }

  /** Extents as errors write them: {@code [-1,64]}. */
  static String text(List<Long> dims) {
    StringJoiner text = new StringJoiner(",", "[", "]");
    dims.forEach(dim -> text.add(dim.toString()));
    return text.toString();
  }
}
