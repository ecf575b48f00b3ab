package org.etalon.strain.frames;

import java.io.IOException;
import org.etalon.strain.SampleType;

/** How a vector's samples are packed (LIGO-T970130, appendix on FrVect compression). */
enum Compression {
  RAW,
  /** A zlib stream. */
  GZIP,
  /** Differences of neighbours in a zlib stream; integers only. */
  DIFFERENCES_GZIP,
  /** Differences, each block in as few bits as it needs, in words of 2 bytes. */
  ZERO_SUPPRESS_2,
  /** The same in words of 4 bytes: the bits of a float count as an integer. */
  ZERO_SUPPRESS_4,
  /** The same in words of 8 bytes. */
  ZERO_SUPPRESS_8,
  /** Floats as scaled differences of 2 bytes; FrameL wrote them up to version 4. */
  SCALED_DIFFERENCES;

  /** The scheme of a code without its byte-order flag; refused where the type does not suit it. */
  static Compression of(Structure vector, int code, SampleType type) throws IOException {
    Compression compression =
        switch (code) {
          case 0 -> RAW;
          case 1 -> GZIP;
          case 3 -> DIFFERENCES_GZIP;
          // 6 asks a writer for 5 or gzip; early files carry it where 5 was used.
          case 5, 6 -> ZERO_SUPPRESS_2;
          case 7 -> SCALED_DIFFERENCES;
          case 8 -> ZERO_SUPPRESS_4;
          case 10 -> ZERO_SUPPRESS_8;
          default ->
              throw vector.refusal(
                  "compress %d (expected: 0, 1, 3, 5, 6, 7, 8 or 10, or 256 more)".formatted(code));
        };
    if (!compression.suits(type)) {
      throw vector.refusal("compress %d of %s, which it cannot hold".formatted(code, type));
    }
    return compression;
  }

  /** Bytes of one word of a zero-suppressed stream. */
  int wordBytes() {
    return switch (this) {
      case ZERO_SUPPRESS_2 -> 2;
      case ZERO_SUPPRESS_4 -> 4;
      case ZERO_SUPPRESS_8 -> 8;
      case RAW, GZIP, DIFFERENCES_GZIP, SCALED_DIFFERENCES ->
          throw new IllegalStateException(this + " has no words");
    };
  }

  private boolean suits(SampleType type) {
    int wordBytes = type.isComplex() ? type.bytes() / 2 : type.bytes();
    return switch (this) {
      case RAW, GZIP -> true;
      case DIFFERENCES_GZIP -> type.isInteger();
      case ZERO_SUPPRESS_2, ZERO_SUPPRESS_4, ZERO_SUPPRESS_8 -> wordBytes == wordBytes();
      case SCALED_DIFFERENCES -> type == SampleType.FLOAT32;
    };
  }
}
