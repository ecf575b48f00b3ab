package org.etalon.strain.frames;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The first 40 bytes of a frame file: format version, and known numbers that show the byte order
 * (LIGO-T970130, table "Frame file header").
 *
 * @param version of the format, 4 to 8
 * @param hasChecksum whether version 8's checksum flag is set
 * @param isFromFaultyWriter whether the 8-byte test number is cut to its upper half, which shows a
 *     32-bit build of FrameL 6.0x; that writer's checksums fit no definition of the format, and are
 *     not verified
 */
record FileHeader(int version, ByteOrder order, boolean hasChecksum, boolean isFromFaultyWriter) {
  static final int BYTES = 40;
  private static final String NAME = "file header";
  private static final long TEST_8 = 0x0123_4567_89AB_CDEFL;
  private static final long FAULTY_TEST_8 = 0x0123_4567_0000_0000L;
  private static final int[] SIZES = {2, 4, 8, 4, 8};

  static FileHeader read(Path path, MemorySegment file) throws IOException {
    FrameBytes big = new FrameBytes(path, file, ByteOrder.BIG_ENDIAN);
    if (file.byteSize() < BYTES) {
      throw big.refusal(
          0,
          NAME,
          "the file has %d bytes (expected: at least %d)".formatted(file.byteSize(), BYTES));
    }
    ByteOrder order = big.uint16(12) == 0x1234 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    FrameBytes bytes = new FrameBytes(path, file, order);
    int version = bytes.uint8(5);
    if (version < Layout.OLDEST || version > Layout.NEWEST) {
      throw bytes.refusal(
          5,
          NAME,
          "format version %d (expected: %d to %d)"
              .formatted(version, Layout.OLDEST, Layout.NEWEST));
    }
    requireSizes(bytes);
    long test8 = requireTestNumbers(bytes);
    boolean isFaulty = test8 == FAULTY_TEST_8 && version == 6;
    return new FileHeader(
        version, order, version >= 8 && file.get(ValueLayout.JAVA_BYTE, 39) != 0, isFaulty);
  }

  private static void requireSizes(FrameBytes bytes) throws IOException {
    for (int i = 0; i < SIZES.length; i++) {
      if (bytes.uint8(7 + i) != SIZES[i]) {
        throw bytes.refusal(
            7 + i,
            NAME,
            "size of a number %d (expected: %d)".formatted(bytes.uint8(7 + i), SIZES[i]));
      }
    }
  }

  private static long requireTestNumbers(FrameBytes bytes) throws IOException {
    boolean isOrdered = bytes.uint16(12) == 0x1234 && bytes.int32(14) == 0x1234_5678;
    long test8 = bytes.int64(18);
    if (!isOrdered || (test8 != TEST_8 && test8 != FAULTY_TEST_8)) {
      throw bytes.refusal(
          12,
          NAME,
          "test numbers %x, %x, %x (expected: 1234, 12345678, %x in one byte order)"
              .formatted(bytes.uint16(12), bytes.int32(14), test8, TEST_8));
    }
    if (Math.abs(bytes.float32(26) - Math.PI) > 1e-6
        || Math.abs(bytes.float64(30) - Math.PI) > 1e-12) {
      throw bytes.refusal(
          26,
          NAME,
          "test numbers %s, %s (expected: pi)".formatted(bytes.float32(26), bytes.float64(30)));
    }
    return test8;
  }
}
