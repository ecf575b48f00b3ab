package org.etalon.strain.frames;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Unpacks a vector's samples into little-endian bytes. */
final class VectorDecoder {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final FrameVector vector;
  private final byte[] out;
  private final int from;
  private final int to;

  private VectorDecoder(FrameVector vector, byte[] out, int from) {
    this.vector = vector;
    this.out = out;
    this.from = from;
    to = from + (int) vector.byteSize();
  }

  /** Writes the samples to {@code out} from {@code offset} on, where they fit. */
  static void decode(FrameVector vector, byte[] out, int offset) throws IOException {
    new VectorDecoder(vector, out, offset).decode();
  }

  private void decode() throws IOException {
    switch (vector.compression()) {
      case RAW -> {
        MemorySegment.copy(vector.data(), ValueLayout.JAVA_BYTE, 0, out, from, to - from);
        toLittleEndian();
      }
      case GZIP -> {
        inflate();
        toLittleEndian();
      }
      case DIFFERENCES_GZIP -> {
        inflate();
        toLittleEndian();
        integrate(vector.type().bytes());
      }
      case ZERO_SUPPRESS_2, ZERO_SUPPRESS_4, ZERO_SUPPRESS_8 -> expandZeroSuppressed();
      case SCALED_DIFFERENCES -> expandScaled();
    }
  }

  private void inflate() throws IOException {
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(vector.data().asByteBuffer());
      int at = from;
      while (at < to) {
        int inflated = inflater.inflate(out, at, to - at);
        if (inflated == 0) {
          throw refusal("its stream ends after %d bytes".formatted(at - from));
        }
        at += inflated;
      }
      byte[] beyond = new byte[1];
      if (inflater.inflate(beyond) != 0 || !inflater.finished()) {
        throw refusal("its stream goes on after %d bytes".formatted(to - from));
      }
    } catch (DataFormatException e) {
      IOException refusal = refusal("no valid zlib stream (" + e.getMessage() + ")");
      refusal.initCause(e);
      throw refusal;
    }
  }

  private IOException refusal(String problem) {
    return vector
        .structure()
        .refusal(
            "%s (expected: %d samples of %s in %d bytes, %s)"
                .formatted(
                    problem,
                    vector.size(),
                    vector.type(),
                    vector.data().byteSize(),
                    vector.compression()));
  }

  private void toLittleEndian() {
    if (vector.order() == ByteOrder.LITTLE_ENDIAN) {
      return;
    }
    switch (partBytes()) {
      case 2 -> {
        for (int at = from; at < to; at += 2) {
          SHORTS.set(out, at, Short.reverseBytes((short) SHORTS.get(out, at)));
        }
      }
      case 4 -> {
        for (int at = from; at < to; at += 4) {
          INTS.set(out, at, Integer.reverseBytes((int) INTS.get(out, at)));
        }
      }
      case 8 -> {
        for (int at = from; at < to; at += 8) {
          LONGS.set(out, at, Long.reverseBytes((long) LONGS.get(out, at)));
        }
      }
      default -> {
        // single bytes have no order
      }
    }
  }

  /** Bytes of a number: half a complex sample. */
  private int partBytes() {
    return vector.type().isComplex() ? vector.type().bytes() / 2 : vector.type().bytes();
  }

  /** Running sum of integers, modulo their width. */
  private void integrate(int bytes) {
    long sum = 0;
    for (int at = from; at < to; at += bytes) {
      sum += get(at, bytes);
      put(at, bytes, sum);
    }
  }

  private long get(int at, int bytes) {
    return switch (bytes) {
      case 1 -> out[at];
      case 2 -> (short) SHORTS.get(out, at);
      case 4 -> (int) INTS.get(out, at);
      default -> (long) LONGS.get(out, at);
    };
  }

  private void put(int at, int bytes, long value) {
    switch (bytes) {
      case 1 -> out[at] = (byte) value;
      case 2 -> SHORTS.set(out, at, (short) value);
      case 4 -> INTS.set(out, at, (int) value);
      default -> LONGS.set(out, at, value);
    }
  }

  private void expandZeroSuppressed() throws IOException {
    int wordBytes = vector.compression().wordBytes();
    BitStream bits = new BitStream(vector.data(), vector.order(), wordBytes);
    int values = (to - from) / wordBytes;
    // Of complex samples, all real parts come first, then all imaginary ones, in one running sum.
    int half = vector.type().isComplex() ? values / 2 : values;
    int stride = vector.type().isComplex() ? 2 * wordBytes : wordBytes;
    long blockSize = bits.read(16);
    if (blockSize == 0) {
      throw refusal("blocks of no values");
    }
    long sum = 0;
    long left = 0;
    int width = 0;
    for (int i = 0; i < values; i++) {
      if (left == 0) {
        int stored = (int) bits.read(widthBits(wordBytes));
        width = stored == 0 ? 0 : stored + 1;
        left = blockSize;
      }
      left--;
      if (width > 0) {
        sum += bits.read(width) - ((1L << (width - 1)) - 1);
      }
      int at = i < half ? i * stride : (i - half) * stride + wordBytes;
      put(from + at, wordBytes, sum);
    }
    if (bits.isPastEnd()) {
      throw refusal("its stream ends too soon");
    }
  }

  /** The width of a block's values, less one, has as many bits as it takes to say. */
  private static int widthBits(int wordBytes) {
    return Integer.numberOfTrailingZeros(8 * wordBytes);
  }

  /** First value and scale as floats, then a signed step of 2 bytes for every further sample. */
  private void expandScaled() throws IOException {
    MemorySegment data = vector.data();
    if (data.byteSize() < 8 + 2L * vector.size()) {
      throw refusal("its steps are missing");
    }
    float value = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(vector.order()), 0);
    float scale = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(vector.order()), 4);
    var steps = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(vector.order());
    for (int i = 0; i < vector.size(); i++) {
      if (i > 0) {
        value = scale == 0 ? 0 : value + scale * data.get(steps, 8 + 2L * i);
      }
      INTS.set(out, from + 4 * i, Float.floatToRawIntBits(value));
    }
  }
}
