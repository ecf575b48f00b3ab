package org.etalon.strain.frames;

/** How a writer packs samples. What packing would make longer is stored as it is. */
public enum FramePacking {
  /** As they are. */
  RAW,
  /** zlib streams. */
  GZIP,
  /**
   * Differences in as few bits as they need, for integers of 2 and 4 bytes; all else as {@link
   * #GZIP}. Readers of the community disagree on the order of complex numbers so packed, and few
   * know the scheme's 8-byte form.
   */
  ZERO_SUPPRESS
}
