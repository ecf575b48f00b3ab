package org.etalon.strain.frames;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads numbers of up to 64 bits, least significant bits first, from words of 2, 4 or 8 bytes.
 *
 * <p>Past its end come zeros, so that the loop that reads need not ask each time; {@link
 * #isPastEnd} tells afterwards.
 */
final class BitStream {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final long end;
  private long position;

  BitStream(MemorySegment data, ByteOrder order, int wordBytes) {
    int size = Math.toIntExact(data.byteSize());
    // Eight bytes more let a read begin anywhere up to the end.
    bytes = new byte[size + Long.BYTES + 1];
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, bytes, 0, size);
    if (order == ByteOrder.BIG_ENDIAN) {
      reverseWords(size, wordBytes);
    }
    end = 8L * size;
  }

  /** The next {@code width} bits, 1 to 64, as an unsigned number. */
  long read(int width) {
    long from = position;
    position += width;
    if (position > end) {
      return 0;
    }
    int at = (int) (from >>> 3);
    int shift = (int) from & 7;
    long value = word(at) >>> shift;
    if (shift + width > Long.SIZE) {
      value |= (bytes[at + Long.BYTES] & 0xFFL) << (Long.SIZE - shift);
    }
    return width == Long.SIZE ? value : value & ((1L << width) - 1);
  }

  boolean isPastEnd() {
    return position > end;
  }

  private long word(int at) {
    return (long) LONGS.get(bytes, at);
  }

  private void reverseWords(int size, int wordBytes) {
    for (int word = 0; word + wordBytes <= size; word += wordBytes) {
      for (int i = 0; i < wordBytes / 2; i++) {
        byte low = bytes[word + i];
        bytes[word + i] = bytes[word + wordBytes - 1 - i];
        bytes[word + wordBytes - 1 - i] = low;
      }
    }
  }
}
