package org.etalon.strain.frames;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;
import org.etalon.strain.SampleType;

/**
 * A vector (FrVect) whose header has been checked and whose samples have not been touched.
 *
 * @param data the samples as stored, in the file's memory
 * @param order of the numbers in {@code data}, compressed or not
 * @param size samples
 * @param dx seconds between samples
 * @param startX seconds from the channel's start to the first sample
 */
record FrameVector(
    Structure structure,
    Compression compression,
    SampleType type,
    MemorySegment data,
    ByteOrder order,
    int size,
    double dx,
    double startX,
    String unit) {
  /** Deflate's best is 1032 to 1; zero suppression in blocks of 4096 zeros comes to less. */
  private static final long MOST_EXPANSION = 2048;

  private static final int LITTLE_ENDIAN_FLAG = 256;

  /**
   * Reads a vector's header.
   *
   * @return empty if the vector is no time series of numbers: strings, half-complex, several
   *     dimensions, or steps in hertz
   * @throws IOException if its sizes contradict each other
   */
  static Optional<FrameVector> of(FrameBytes bytes, Structure vector) throws IOException {
    Optional<SampleType> type = type(vector);
    if (type.isEmpty() || vector.integer("nDim") != 1 || isInHertz(vector)) {
      return Optional.empty();
    }
    long code = vector.integer("compress");
    Compression compression = Compression.of(vector, (int) code & 0xFF, type.get());
    boolean isFlagged = (code & LITTLE_ENDIAN_FLAG) != 0;
    // Without compression old writers leave the flag out: then the file's order holds.
    ByteOrder order =
        isFlagged
            ? ByteOrder.LITTLE_ENDIAN
            : compression == Compression.RAW ? bytes.order() : ByteOrder.BIG_ENDIAN;
    if (code > (LITTLE_ENDIAN_FLAG | 0xFF)) {
      throw vector.refusal("compress %d (expected: below 512)".formatted(code));
    }
    MemorySegment data = bytes.slice(vector.offset("data"), vector.count("data"));
    int size = size(vector, type.get(), compression, data.byteSize());
    return Optional.of(
        new FrameVector(
            vector,
            compression,
            type.get(),
            data,
            order,
            size,
            vector.real("dx"),
            vector.has("startX") ? vector.real("startX") : 0,
            vector.text("unitY")));
  }

  long byteSize() {
    return (long) size * type.bytes();
  }

  private static boolean isInHertz(Structure vector) throws IOException {
    return vector.text("unitX").toLowerCase(Locale.ROOT).contains("hz");
  }

  private static int size(
      Structure vector, SampleType type, Compression compression, long storedBytes)
      throws IOException {
    long samples = vector.integer("nData");
    if (samples != vector.integer("nx")) {
      throw vector.refusal("nData %d (expected: nx, %d)".formatted(samples, vector.integer("nx")));
    }
    long most = compression == Compression.RAW ? storedBytes : storedBytes * MOST_EXPANSION;
    most = Math.min(most, Integer.MAX_VALUE - 8) / type.bytes();
    if (samples > most || samples < 1) {
      throw vector.refusal(
          "nData %d of %s in %d bytes, %s (expected: 1 to %d)"
              .formatted(samples, type, storedBytes, compression, most));
    }
    if (compression == Compression.RAW && samples * type.bytes() != storedBytes) {
      throw vector.refusal(
          "nBytes %d (expected: %d, %d samples of %s)"
              .formatted(storedBytes, samples * type.bytes(), samples, type));
    }
    return (int) samples;
  }

  /** The codes of LIGO-T970130, appendix on FrVect types; 8 is strings, above 12 half-complex. */
  private static Optional<SampleType> type(Structure vector) throws IOException {
    return switch ((int) vector.integer("type")) {
      case 0 -> Optional.of(SampleType.INT8);
      case 1 -> Optional.of(SampleType.INT16);
      case 2 -> Optional.of(SampleType.FLOAT64);
      case 3 -> Optional.of(SampleType.FLOAT32);
      case 4 -> Optional.of(SampleType.INT32);
      case 5 -> Optional.of(SampleType.INT64);
      case 6 -> Optional.of(SampleType.COMPLEX64);
      case 7 -> Optional.of(SampleType.COMPLEX128);
      case 9 -> Optional.of(SampleType.UINT16);
      case 10 -> Optional.of(SampleType.UINT32);
      case 11 -> Optional.of(SampleType.UINT64);
      case 12 -> Optional.of(SampleType.UINT8);
      case 8, 13, 14 -> Optional.empty();
      default ->
          throw vector.refusal("type %d (expected: 0 to 14)".formatted(vector.integer("type")));
    };
  }
}
