package org.etalon.strain.frames;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The bytes of a frame file, read as numbers in the file's byte order.
 *
 * <p>Offsets are from the start of the file. Callers check them against the structure they read;
 * what they forget, the segment's own bounds catch.
 */
final class FrameBytes {
  private final Path path;
  private final MemorySegment bytes;
  private final ByteOrder order;
  private final ValueLayout.OfShort int16;
  private final ValueLayout.OfInt int32;
  private final ValueLayout.OfLong int64;

  FrameBytes(Path path, MemorySegment bytes, ByteOrder order) {
    this.path = path;
    this.bytes = bytes;
    this.order = order;
    int16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
    int32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
    int64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
  }

  Path path() {
    return path;
  }

  ByteOrder order() {
    return order;
  }

  long size() {
    return bytes.byteSize();
  }

  MemorySegment slice(long offset, long length) {
    return bytes.asSlice(offset, length);
  }

  int uint8(long offset) {
    return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
  }

  int uint16(long offset) {
    return bytes.get(int16, offset) & 0xFFFF;
  }

  int int16(long offset) {
    return bytes.get(int16, offset);
  }

  int int32(long offset) {
    return bytes.get(int32, offset);
  }

  long uint32(long offset) {
    return bytes.get(int32, offset) & 0xFFFF_FFFFL;
  }

  long int64(long offset) {
    return bytes.get(int64, offset);
  }

  float float32(long offset) {
    return Float.intBitsToFloat(int32(offset));
  }

  double float64(long offset) {
    return Double.longBitsToDouble(int64(offset));
  }

  /**
   * Characters up to the first NUL. Writers disagree on the encoding of the rare non-ASCII ones.
   */
  String text(long offset, int length) {
    byte[] characters = bytes.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    int end = 0;
    while (end < length && characters[end] != 0) {
      end++;
    }
    return new String(characters, 0, end, StandardCharsets.UTF_8);
  }

  /** What to throw about a place in this file. */
  IOException refusal(long offset, String structure, String problem) {
    return new IOException("%s: at byte %d, %s: %s".formatted(path, offset, structure, problem));
  }
}
