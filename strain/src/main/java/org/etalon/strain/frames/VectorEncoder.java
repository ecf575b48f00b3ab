package org.etalon.strain.frames;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.Deflater;
import org.etalon.strain.ChannelData;
import org.etalon.strain.SampleType;

/**
 * A vector's samples as they are stored.
 *
 * @param compress the code of the scheme, with the flag of little-endian numbers
 */
@SuppressWarnings("ArrayRecordComponent") // made here, written once, dropped
record VectorEncoder(int compress, byte[] bytes) {
  private static final int LITTLE_ENDIAN_FLAG = 256;
  private static final int GZIP = 1;
  private static final int ZERO_SUPPRESS_2 = 5;
  private static final int ZERO_SUPPRESS_4 = 8;

  /** Values that share a width, as FrameL takes for integers of two and of four bytes. */
  private static final int SHORT_BLOCK = 12;

  private static final int INT_BLOCK = 8;

  static VectorEncoder encode(ChannelData data, FramePacking packing) {
    byte[] raw = data.values().toArray(ValueLayout.JAVA_BYTE);
    int words = wordBytes(data.info().type());
    VectorEncoder packed =
        switch (packing) {
          case RAW -> new VectorEncoder(LITTLE_ENDIAN_FLAG, raw);
          case GZIP -> deflated(raw);
          case ZERO_SUPPRESS -> words == 0 ? deflated(raw) : zeroSuppressed(raw, words);
        };
    return packed.bytes.length < raw.length ? packed : new VectorEncoder(LITTLE_ENDIAN_FLAG, raw);
  }

  /** The size of integers that zero suppression packs; 0 for those that it does not. */
  private static int wordBytes(SampleType type) {
    return switch (type) {
      case INT16, UINT16 -> 2;
      case INT32, UINT32 -> 4;
      case INT8, UINT8, INT64, UINT64, FLOAT32, FLOAT64, COMPLEX64, COMPLEX128 -> 0;
    };
  }

  /** At the fastest level: strain is noise, on which the better ones gain next to nothing. */
  private static VectorEncoder deflated(byte[] raw) {
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
      deflater.setInput(raw);
      deflater.finish();
      var out = new ByteArrayOutputStream(raw.length / 2 + 64);
      byte[] chunk = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(chunk, 0, deflater.deflate(chunk));
      }
      return new VectorEncoder(LITTLE_ENDIAN_FLAG | GZIP, out.toByteArray());
    }
  }

  /** The block's size, then for each block its width less one, and its steps; see the decoder. */
  private static VectorEncoder zeroSuppressed(byte[] raw, int wordBytes) {
    long[] steps = steps(raw, wordBytes);
    int block = wordBytes == 2 ? SHORT_BLOCK : INT_BLOCK;
    int widthBits = Integer.numberOfTrailingZeros(8 * wordBytes);
    var bits = new BitSink();
    bits.write(block, 16);
    for (int from = 0; from < steps.length; from += block) {
      int to = Math.min(from + block, steps.length);
      int width = width(steps, from, to, 8 * wordBytes);
      bits.write(width == 0 ? 0 : width - 1, widthBits);
      for (int i = from; i < to && width > 0; i++) {
        bits.write(steps[i] + (1L << (width - 1)) - 1, width);
      }
    }
    int code = wordBytes == 2 ? ZERO_SUPPRESS_2 : ZERO_SUPPRESS_4;
    return new VectorEncoder(LITTLE_ENDIAN_FLAG | code, bits.words(wordBytes));
  }

  /** From each value to the next, modulo the words' width; the first from zero. */
  private static long[] steps(byte[] raw, int wordBytes) {
    MemorySegment words = MemorySegment.ofArray(raw);
    var shorts = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    var ints = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    long[] steps = new long[raw.length / wordBytes];
    long before = 0;
    for (int i = 0; i < steps.length; i++) {
      long at = (long) i * wordBytes;
      long value = wordBytes == 2 ? words.get(shorts, at) : words.get(ints, at);
      steps[i] = wordBytes == 2 ? (short) (value - before) : (int) (value - before);
      before = value;
    }
    return steps;
  }

  /** Bits for the largest step and its sign; 0 if there is no step, never 1. */
  private static int width(long[] steps, int from, int to, int most) {
    long largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(steps[i]));
    }
    return largest == 0 ? 0 : Math.min(most, 65 - Long.numberOfLeadingZeros(largest));
  }

  /** Numbers of up to 32 bits, least significant bits first. */
  private static final class BitSink {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long held;
    private int count;

    void write(long value, int width) {
      held |= (value & ((1L << width) - 1)) << count;
      count += width;
      while (count >= 8) {
        out.write((int) held);
        held >>>= 8;
        count -= 8;
      }
    }

    /** All bits, padded to whole words. */
    byte[] words(int wordBytes) {
      if (count > 0) {
        write(0, 8 - count);
      }
      while (out.size() % wordBytes != 0) {
        out.write(0);
      }
      return out.toByteArray();
    }
  }
}
