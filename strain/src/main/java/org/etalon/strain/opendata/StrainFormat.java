package org.etalon.strain.opendata;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A file format in which GWOSC publishes strain and that this project reads. */
public enum StrainFormat {
  /**
   * HDF5 in GWOSC's layout; the signature is in section II.A of the HDF5 file format specification.
   */
  HDF5(".hdf5", "\u0089HDF\r\n\u001a\n"),
  /** IGWD frames; the signature is in section 4.3.1 of LIGO-T970130. */
  GWF(".gwf", "IGWD\0");

  private final String fileSuffix;
  private final String magic;

  StrainFormat(String fileSuffix, String magic) {
    this.fileSuffix = fileSuffix;
    this.magic = magic;
  }

  /** How names of such files end, with the dot. */
  String fileSuffix() {
    return fileSuffix;
  }

  /** The bytes such a file begins with. */
  byte[] magic() {
    return magic.getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * The format GWOSC's API calls {@code word}; empty for one that is not read here, such as gzipped
   * text.
   */
  static Optional<StrainFormat> named(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "hdf5" -> Optional.of(HDF5);
      case "gwf" -> Optional.of(GWF);
      default -> Optional.empty();
    };
  }
}
