package org.etalon.inference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The elements of a {@link DataType#BYTES} tensor in its memory: each a 4-byte little-endian length
 * and that many bytes, one after another.
 */
public final class BytesElements {
  private static final int LENGTH_BYTES = 4;

  private BytesElements() {}

  /** The elements laid out on the heap. */
  public static MemorySegment encode(List<byte[]> elements) {
    long size = 0;
    for (byte[] element : elements) {
      size += LENGTH_BYTES + element.length;
    }
    MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
    long offset = 0;
    for (byte[] element : elements) {
      data.set(Tensor.INT, offset, element.length);
      MemorySegment.copy(
          element, 0, data, ValueLayout.JAVA_BYTE, offset + LENGTH_BYTES, element.length);
      offset += LENGTH_BYTES + element.length;
    }
    return data;
  }

  /**
   * Copies of all elements.
   *
   * @throws IllegalArgumentException if a length reaches past the memory
   */
  public static List<byte[]> decode(MemorySegment data) {
    List<byte[]> elements = new ArrayList<>();
    for (long offset = 0; offset < data.byteSize(); ) {
      long end = end(data, offset);
      elements.add(
          data.asSlice(offset + LENGTH_BYTES, end - offset - LENGTH_BYTES)
              .toArray(ValueLayout.JAVA_BYTE));
      offset = end;
    }
    return elements;
  }

  /** How many elements there are; the same errors as {@link #decode}. */
  public static long count(MemorySegment data) {
    long count = 0;
    for (long offset = 0; offset < data.byteSize(); offset = end(data, offset)) {
      count++;
    }
    return count;
  }

  /**
   * Where the element after {@code count} more begins.
   *
   * @param offset where an element begins, in bytes
   * @throws IllegalArgumentException if a length reaches past the memory
   */
  public static long skip(MemorySegment data, long offset, long count) {
    long at = offset;
    for (long i = 0; i < count; i++) {
      at = end(data, at);
    }
    return at;
  }

  private static long end(MemorySegment data, long offset) {
    long left = data.byteSize() - offset - LENGTH_BYTES;
    if (left < 0) {
      throw new IllegalArgumentException(
          "BYTES tensor: %d bytes at offset %d (expected: a 4-byte length)"
              .formatted(data.byteSize() - offset, offset));
    }
    long length = Integer.toUnsignedLong(data.get(Tensor.INT, offset));
    if (length > left) {
      throw new IllegalArgumentException(
          "BYTES tensor: element of %d bytes at offset %d, but only %d follow"
              .formatted(length, offset, left));
    }
    return offset + LENGTH_BYTES + length;
  }
}
