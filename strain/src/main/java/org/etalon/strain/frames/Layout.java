package org.etalon.strain.frames;

import java.io.IOException;

/**
 * How the header of every structure lies in a file of one format version (LIGO-T970130, table of
 * the common elements).
 *
 * @param headerBytes length of that header
 */
record Layout(int version, int headerBytes) {
  static final int OLDEST = 4;
  static final int NEWEST = 8;

  /** The layout of {@code version}, from 4 to 8. */
  static Layout of(int version) {
    // Up to version 5: INT_4U length, INT_2U class, INT_2U instance. Then INT_8U, INT_2U, INT_4U;
    // version 8 has split the class into a checksum type and a class of one byte each.
    return new Layout(version, version <= 5 ? 8 : 14);
  }

  boolean hasStructureChecksums() {
    return version >= 8;
  }

  /** Size of a reference to a structure: its class and its instance. */
  int pointerBytes() {
    return version <= 5 ? 4 : 6;
  }

  Reference pointer(FrameBytes bytes, long offset) {
    long instance = version <= 5 ? bytes.uint16(offset + 2) : bytes.uint32(offset + 2);
    return new Reference(bytes.uint16(offset), instance);
  }

  /** Reads the header at {@code offset}; refuses a length that does not fit into the file. */
  StructureHeader header(FrameBytes bytes, long offset) throws IOException {
    long left = bytes.size() - offset;
    if (left < headerBytes) {
      throw bytes.refusal(
          offset,
          "structure header",
          "%d bytes left (expected: %d; the file is cut off)".formatted(left, headerBytes));
    }
    long length = version <= 5 ? bytes.uint32(offset) : bytes.int64(offset);
    int checksumType = version >= 8 ? bytes.uint8(offset + 8) : 0;
    int classId = classId(bytes, offset);
    long instance = version <= 5 ? bytes.uint16(offset + 6) : bytes.uint32(offset + 10);
    int least = headerBytes + (checksumType == 0 ? 0 : StructureHeader.CHECKSUM_BYTES);
    if (length < least || length > left) {
      throw bytes.refusal(
          offset,
          "structure header",
          "length %d (expected: %d to %d, the bytes left)".formatted(length, least, left));
    }
    return new StructureHeader(offset, length, checksumType, new Reference(classId, instance));
  }

  private int classId(FrameBytes bytes, long offset) {
    if (version <= 5) {
      return bytes.uint16(offset + 4);
    }
    return version >= 8 ? bytes.uint8(offset + 9) : bytes.uint16(offset + 8);
  }
}
