package org.etalon.inference.npy;

import java.util.Arrays;

/** Arithmetic of shapes that cannot overflow unseen. */
final class NpyShape {
  /** NumPy 2 allows no more. */
  static final int MAX_DIMENSIONS = 64;

  private NpyShape() {}

  /**
   * Bytes of an array.
   *
   * @throws IllegalArgumentException if a size is negative, there are too many, or the product
   *     exceeds a long
   */
  static long byteSize(NpyType type, long[] shape) {
    if (shape.length > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          "shape: " + shape.length + " dimensions (expected: at most " + MAX_DIMENSIONS + ")");
    }
    long bytes = type.itemBytes();
    boolean isEmpty = false;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "shape: " + Arrays.toString(shape) + " (expected: no negative size)");
      }
      isEmpty |= size == 0;
      if (size != 0 && bytes > Long.MAX_VALUE / size) {
        throw new IllegalArgumentException(
            "shape: " + Arrays.toString(shape) + " (expected: less than 2^63 bytes)");
      }
      bytes *= Math.max(size, 1);
    }
    return isEmpty ? 0 : bytes;
  }
}
