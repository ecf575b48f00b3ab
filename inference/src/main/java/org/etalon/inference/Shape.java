package org.etalon.inference;

import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * The extent of a tensor in each dimension, outermost first: batch, then channel, then time.
 * Immutable.
 */
public final class Shape {
  private final long[] dims;
  private final long elementCount;

  private Shape(long[] dims) {
    long count = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "shape: %s (expected: no negative dimension)".formatted(Arrays.toString(dims)));
      }
      try {
        count = Math.multiplyExact(count, dim);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape: %s (expected: less than 2^63 elements)".formatted(Arrays.toString(dims)), e);
      }
    }
    this.dims = dims;
    this.elementCount = count;
  }

  /**
   * A shape of these extents; none at all is a scalar.
   *
   * @throws IllegalArgumentException if one is negative or their product overflows
   */
  public static Shape of(long... dims) {
    return new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  public long dim(int index) {
    return dims[index];
  }

  /** The product of all extents; 1 for a scalar. */
  public long elementCount() {
    return elementCount;
  }

  /** This shape with its first extent replaced. */
  public Shape withFirst(long first) {
    long[] changed = dims.clone();
    changed[0] = first;
    return new Shape(changed);
  }

  /** This shape without its first extent. */
  public Shape dropFirst() {
    return new Shape(Arrays.copyOfRange(dims, 1, dims.length));
  }

  /** This shape behind one more extent. */
  public Shape prepend(long first) {
    long[] changed = new long[dims.length + 1];
    changed[0] = first;
    System.arraycopy(dims, 0, changed, 1, dims.length);
    return new Shape(changed);
  }

  /** All extents but the first; there is at least one. */
  public Shape withoutFirst() {
    return new Shape(Arrays.copyOfRange(dims, 1, dims.length));
  }

  /** True if all extents but the first are equal; both have at least one. */
  public boolean hasSameRowsAs(Shape other) {
    return dims.length == other.dims.length
        && Arrays.equals(dims, 1, dims.length, other.dims, 1, other.dims.length);
  }

  public long[] toArray() {
    return dims.clone();
  }

  public List<Long> toList() {
    return Arrays.stream(dims).boxed().toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As the protocol's errors write it: {@code [8,64]}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(",", "[", "]");
    for (long dim : dims) {
      text.add(Long.toString(dim));
    }
    return text.toString();
  }
}
