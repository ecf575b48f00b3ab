package org.etalon.strain.frames;

/**
 * The head that all structures share.
 *
 * @param offset where the structure begins in the file
 * @param length of the whole structure, in bytes; it lies within the file
 * @param checksumType 0 for none, 1 for CRC; always 0 before version 8
 */
record StructureHeader(long offset, long length, int checksumType, Reference id) {
  static final int CHECKSUM_BYTES = 4;

  long end() {
    return offset + length;
  }
}
