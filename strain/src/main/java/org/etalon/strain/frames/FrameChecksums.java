package org.etalon.strain.frames;

import java.io.IOException;

/**
 * Verifies checksums where the format version has them. Version 8: one at the end of each
 * structure, of all bytes before it; one of the file header; one of the file. Versions 6 and 7: one
 * of each frame, one of the file, with the checksum field itself taken as zero. Versions 4 and 5
 * store a file checksum too, of a kind (XOR) that their document does not pin down: it is not
 * verified.
 */
final class FrameChecksums {
  private static final int FIRST_WITH_CRC = 6;

  private final FrameBytes bytes;
  private final FileHeader fileHeader;

  FrameChecksums(FrameBytes bytes, FileHeader fileHeader) {
    this.bytes = bytes;
    this.fileHeader = fileHeader;
  }

  /** The checksum that ends a structure; FrEndOfFile's is verified by {@link #verifyFile}. */
  void verify(StructureHeader header, String name) throws IOException {
    if (header.checksumType() > 1) {
      throw bytes.refusal(
          header.offset(),
          name,
          "checksum type %d (expected: 0 or 1)".formatted(header.checksumType()));
    }
    if (header.checksumType() == 1 && !name.equals("FrEndOfFile")) {
      long end = header.end() - StructureHeader.CHECKSUM_BYTES;
      require(header.offset(), name, "checksum", header.offset(), end, bytes.uint32(end));
    }
  }

  /** Versions 6 and 7: the checksum of a frame, from its FrameH to its FrEndOfFrame. */
  void verifyFrame(Structure frameH, Structure end) throws IOException {
    if (end.has("chkType") && isCrc(end)) {
      requireWithout(end, frameH.header().offset(), end.header().end());
    }
  }

  void verifyFile(Structure end) throws IOException {
    if (fileHeader.version() < 8) {
      if (isCrc(end)) {
        requireWithout(end, 0, bytes.size());
      }
    } else if (fileHeader.hasChecksum() || end.header().checksumType() == 1) {
      long at = end.header().offset();
      require(
          at, "FrEndOfFile", "chkSumFrHeader", 0, FileHeader.BYTES, end.integer("chkSumFrHeader"));
      require(at, "FrEndOfFile", "chkSum", at, end.offset("chkSum"), end.integer("chkSum"));
      long fileEnd = end.offset("chkSumFile");
      require(at, "FrEndOfFile", "chkSumFile", 0, fileEnd, end.integer("chkSumFile"));
    }
  }

  private boolean isCrc(Structure end) throws IOException {
    if (fileHeader.version() < FIRST_WITH_CRC || fileHeader.isFromFaultyWriter()) {
      return false;
    }
    long type = end.integer("chkType");
    if (type != 0 && type != 1) {
      throw end.refusal("chkType %d (expected: 0 or 1)".formatted(type));
    }
    return type == 1;
  }

  private void requireWithout(Structure end, long from, long to) throws IOException {
    long field = end.offset("chkSum");
    Checksum checksum = new Checksum();
    checksum.update(bytes.slice(from, field - from));
    checksum.updateZeros(StructureHeader.CHECKSUM_BYTES);
    long after = field + StructureHeader.CHECKSUM_BYTES;
    checksum.update(bytes.slice(after, to - after));
    requireEqual(end.header().offset(), "chkSum", end.integer("chkSum"), checksum.value(), from);
  }

  private void require(long structure, String name, String field, long from, long to, long stored)
      throws IOException {
    int computed = Checksum.of(bytes.slice(from, to - from));
    requireEqual(structure, name + "." + field, stored, computed, from);
  }

  private void requireEqual(long structure, String name, long stored, int computed, long from)
      throws IOException {
    if ((int) stored != computed) {
      throw bytes.refusal(
          structure,
          name,
          "%08x (expected: %08x, computed from byte %d on; the file is damaged)"
              .formatted(stored, computed, from));
    }
  }
}
