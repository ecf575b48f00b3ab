package org.etalon.strain.opendata;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * The digest a file must have.
 *
 * @param algorithm how it is computed
 * @param hex the digest, in lower-case hexadecimal
 */
public record Checksum(Algorithm algorithm, String hex) {
  /** A digest; MD5 guards against accidents alone. */
  public enum Algorithm {
    /** 32 hexadecimal digits. */
    MD5("MD5", 32),
    /** 64 hexadecimal digits. */
    SHA256("SHA-256", 64);

    private final String standardName;
    private final int hexDigits;

    Algorithm(String standardName, int hexDigits) {
      this.standardName = standardName;
      this.hexDigits = hexDigits;
    }
  }

  /** Checks that {@code hex} has the digits of its algorithm, and makes them lower-case. */
  public Checksum {
    hex = hex.toLowerCase(Locale.ROOT);
    if (!isHex(hex, algorithm.hexDigits)) {
      throw new IllegalArgumentException(
          "%s: '%s' (expected: %d hexadecimal digits)"
              .formatted(algorithm.standardName, hex, algorithm.hexDigits));
    }
  }

  /** The checksum {@code hex} writes; empty where it is not one of that algorithm. */
  static Optional<Checksum> parse(Algorithm algorithm, String hex) {
    String lower = hex.toLowerCase(Locale.ROOT);
    return isHex(lower, algorithm.hexDigits)
        ? Optional.of(new Checksum(algorithm, lower))
        : Optional.empty();
  }

  /** The checksum of the file's bytes as they are now. */
  static Checksum of(Path file, Algorithm algorithm) throws IOException {
    MessageDigest digest = digest(algorithm);
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return new Checksum(algorithm, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public String toString() {
    return algorithm.standardName + " " + hex;
  }

  private static boolean isHex(String text, int digits) {
    return text.length() == digits
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  private static MessageDigest digest(Algorithm algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.standardName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm.standardName, e);
    }
  }
}
