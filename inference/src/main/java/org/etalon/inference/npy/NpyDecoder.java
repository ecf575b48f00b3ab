package org.etalon.inference.npy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Turns the bytes of a file into an array. */
final class NpyDecoder {
  private NpyDecoder() {}

  /**
   * Reads the array that {@code file} holds.
   *
   * @param source names the file in errors
   * @param file the whole file; the array's data is a slice of it where byte order, item order and
   *     alignment allow
   * @param arena allocates the data otherwise
   */
  static NpyArray decode(String source, MemorySegment file, Arena arena) throws IOException {
    NpyHeader header = new NpyHeaderParser(source, file).parse();
    MemorySegment raw = items(source, file, header);
    boolean isContiguous = !header.isFortranOrder() || header.shape().length < 2;
    boolean isAligned = raw.address() % header.type().wordBytes() == 0;
    if (!header.isBigEndian() && isContiguous && isAligned) {
      return new NpyArray(header.type().dtype(), header.shape(), raw);
    }
    MemorySegment data = arena.allocate(raw.byteSize(), 64);
    if (isContiguous) {
      data.copyFrom(raw);
    } else {
      fromFortranOrder(raw, header, data);
    }
    if (header.isBigEndian()) {
      swapWords(data, header.type().wordBytes());
    }
    return new NpyArray(header.type().dtype(), header.shape(), data);
  }

  static IOException fault(String source, long offset, String message) {
    return new IOException("%s at byte %d: %s".formatted(source, offset, message));
  }

  private static MemorySegment items(String source, MemorySegment file, NpyHeader header)
      throws IOException {
    long expected;
    try {
      expected = NpyShape.byteSize(header.type(), header.shape());
    } catch (IllegalArgumentException e) {
      throw new IOException("%s at byte 0: %s".formatted(source, e.getMessage()), e);
    }
    long present = file.byteSize() - header.dataOffset();
    if (present != expected) {
      throw fault(
          source,
          header.dataOffset(),
          "%d bytes of items (expected: %d for %s of shape %s)"
              .formatted(
                  present, expected, header.type().dtype(), Arrays.toString(header.shape())));
    }
    return file.asSlice(header.dataOffset(), expected);
  }

  /**
   * Copies items so that the last dimension varies fastest; counts through the target's indices in
   * order.
   */
  private static void fromFortranOrder(MemorySegment from, NpyHeader header, MemorySegment to) {
    long[] shape = header.shape();
    int item = header.type().itemBytes();
    long[] stride = new long[shape.length];
    long step = item;
    for (int d = 0; d < shape.length; d++) {
      stride[d] = step;
      step *= Math.max(shape[d], 1);
    }
    long[] index = new long[shape.length];
    long source = 0;
    for (long target = 0; target < to.byteSize(); target += item) {
      MemorySegment.copy(from, source, to, target, item);
      for (int d = shape.length - 1; d >= 0; d--) {
        source += stride[d];
        if (++index[d] < shape[d]) {
          break;
        }
        source -= stride[d] * shape[d];
        index[d] = 0;
      }
    }
  }

  private static void swapWords(MemorySegment data, int wordBytes) {
    for (long at = 0; at < data.byteSize(); at += wordBytes) {
      switch (wordBytes) {
        case 2 ->
            data.set(LittleEndian.SHORT, at, Short.reverseBytes(data.get(LittleEndian.SHORT, at)));
        case 4 ->
            data.set(LittleEndian.INT, at, Integer.reverseBytes(data.get(LittleEndian.INT, at)));
        case 8 ->
            data.set(LittleEndian.LONG, at, Long.reverseBytes(data.get(LittleEndian.LONG, at)));
        default -> {
          return; // single bytes have no order
        }
      }
    }
  }
}
