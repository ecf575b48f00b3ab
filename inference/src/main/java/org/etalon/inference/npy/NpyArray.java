package org.etalon.inference.npy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * An array: item type, shape, and items in row-major order, little-endian.
 *
 * <p>Immutable but for the items, which belong to whoever allocated or mapped {@code data}; that is
 * said where an array is made.
 *
 * @param dtype NumPy's name of the item type, one of {@code |b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2
 *     <f4 <f8 <c8 <c16}
 * @param shape sizes of the dimensions, slowest first; empty for a single item
 * @param data the items, exactly as many bytes as type and shape say
 */
@SuppressWarnings(
    "ArrayRecordComponent") // copied in and out; equality is that of the segment anyway
public record NpyArray(String dtype, long[] shape, MemorySegment data) {

  /**
   * @throws IllegalArgumentException if the type is not one of those named, a size is negative, or
   *     {@code data} has another length
   */
  public NpyArray {
    shape = shape.clone();
    long expected = NpyShape.byteSize(typeNamed(dtype), shape);
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "data: %d bytes (expected: %d for %s of shape %s)"
              .formatted(data.byteSize(), expected, dtype, Arrays.toString(shape)));
    }
  }

  /**
   * An array of {@code <f8} with a copy of {@code values} in memory the garbage collector frees.
   */
  public static NpyArray ofDoubles(double[] values, long... shape) {
    MemorySegment data = Arena.ofAuto().allocate(Math.multiplyExact(8L, values.length), 64);
    MemorySegment.copy(values, 0, data, LittleEndian.DOUBLE, 0, values.length);
    return new NpyArray(NpyType.F8.dtype(), shape, data);
  }

  /**
   * An array of {@code <f4} with a copy of {@code values} in memory the garbage collector frees.
   */
  public static NpyArray ofFloats(float[] values, long... shape) {
    MemorySegment data = Arena.ofAuto().allocate(Math.multiplyExact(4L, values.length), 64);
    MemorySegment.copy(values, 0, data, LittleEndian.FLOAT, 0, values.length);
    return new NpyArray(NpyType.F4.dtype(), shape, data);
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of items: the product of the shape. */
  public long size() {
    return data.byteSize() / type().itemBytes();
  }

  /** Bytes of one item. */
  public int itemBytes() {
    return type().itemBytes();
  }

  /**
   * All items as doubles, in row-major order; a complex item gives its real and its imaginary part.
   *
   * <p>64-bit integers beyond 2^53 are rounded.
   *
   * @throws IllegalArgumentException if there are more than a Java array holds
   */
  public double[] doubles() {
    NpyType type = type();
    double[] values = new double[wordCount(type)];
    if (type == NpyType.F8 || type == NpyType.C16) {
      MemorySegment.copy(data, LittleEndian.DOUBLE, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = type.wordAsDouble(data, i);
    }
    return values;
  }

  /**
   * All items as floats, as {@link #doubles} gives them, rounded.
   *
   * @throws IllegalArgumentException if there are more than a Java array holds
   */
  public float[] floats() {
    NpyType type = type();
    float[] values = new float[wordCount(type)];
    if (type == NpyType.F4 || type == NpyType.C8) {
      MemorySegment.copy(data, LittleEndian.FLOAT, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) type.wordAsDouble(data, i);
    }
    return values;
  }

  /** The type and shape, such as {@code "<f4 [3, 4]"}. */
  @Override
  public String toString() {
    return dtype + " " + Arrays.toString(shape);
  }

  NpyType type() {
    return typeNamed(dtype);
  }

  private int wordCount(NpyType type) {
    long words = data.byteSize() / type.wordBytes();
    if (words > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          this + " has too many items for a Java array (use data() instead)");
    }
    return (int) words;
  }

  private static NpyType typeNamed(String dtype) {
    return NpyType.named(dtype)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "dtype: '" + dtype + "' (expected: a little-endian one such as '<f4')"));
  }
}
