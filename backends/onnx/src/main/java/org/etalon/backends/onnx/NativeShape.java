package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;

/** A shape as the C interface takes it, in memory used over and over. Owned by one thread. */
final class NativeShape {
  /** More than any operator of ONNX Runtime takes. */
  private static final int MAX_RANK = 64;

  private final MemorySegment dims;

  NativeShape(Arena arena) {
    this.dims = arena.allocate(JAVA_LONG, MAX_RANK);
  }

  /** The shape's extents, until the next call. */
  MemorySegment write(Shape shape) {
    if (shape.rank() > MAX_RANK) {
      throw ServingException.invalid(
          "shape: %d dimensions (expected: at most %d)".formatted(shape.rank(), MAX_RANK));
    }
    for (int i = 0; i < shape.rank(); i++) {
      dims.setAtIndex(JAVA_LONG, i, shape.dim(i));
    }
    return dims;
  }
}
