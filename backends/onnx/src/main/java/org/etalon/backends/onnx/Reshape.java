package org.etalon.backends.onnx;

import java.util.List;
import org.etalon.inference.Shape;

/**
 * The shape of a row inside the model, where {@code reshape} in the configuration makes it another
 * one than outside. Immutable.
 */
final class Reshape {
  private final long[] dims;
  private final boolean hasBatch;

  Reshape(List<Long> dims, boolean hasBatch) {
    this.dims = dims.stream().mapToLong(Long::longValue).toArray();
    this.hasBatch = hasBatch;
  }

  /**
   * The shape inside the model of a tensor of that shape outside; the one free dimension takes what
   * elements are left.
   */
  Shape inside(Shape outside) {
    long known = hasBatch ? outside.dim(0) : 1;
    for (long dim : dims) {
      known *= dim == TensorSpec.FREE ? 1 : dim;
    }
    long[] filled = dims.clone();
    for (int i = 0; i < filled.length; i++) {
      if (filled[i] == TensorSpec.FREE) {
        filled[i] = known == 0 ? 0 : outside.elementCount() / known;
      }
    }
    Shape row = Shape.of(filled);
    return hasBatch ? row.prepend(outside.dim(0)) : row;
  }
}
