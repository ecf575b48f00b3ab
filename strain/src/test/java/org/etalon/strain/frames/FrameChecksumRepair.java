package org.etalon.strain.frames;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sets the checksums of a little-endian file of version 8 to what its bytes have, as far as its
 * structures can be followed, so that damage gets past them to the parser.
 */
final class FrameChecksumRepair {
  private FrameChecksumRepair() {}

  static byte[] of(byte[] damaged) {
    byte[] bytes = damaged.clone();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int last = FileHeader.BYTES;
    int offset = FileHeader.BYTES;
    while (offset + 14 <= bytes.length) {
      long length = buffer.getLong(offset);
      if (length < 18 || length > bytes.length - offset) {
        return bytes;
      }
      last = offset;
      offset += (int) length;
      put(bytes, buffer, offset - 4, last);
    }
    if (offset == bytes.length && offset - last == 46) {
      buffer.putInt(offset - 12, Checksum.of(MemorySegment.ofArray(bytes).asSlice(0, 40)));
      put(bytes, buffer, offset - 8, last);
      put(bytes, buffer, offset - 4, 0);
    }
    return bytes;
  }

  private static void put(byte[] bytes, ByteBuffer buffer, int field, int from) {
    MemorySegment covered = MemorySegment.ofArray(bytes).asSlice(from, field - from);
    buffer.putInt(field, Checksum.of(covered));
  }
}
