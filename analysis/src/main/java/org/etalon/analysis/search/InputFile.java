package org.etalon.analysis.search;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.etalon.strain.Segment;

/**
 * A file of strain as it was when the search began.
 *
 * @param channel the one that is read
 * @param present the spans it has strain in
 * @param sha256 of the file, in hexadecimal
 */
record InputFile(
    Path path,
    String ifo,
    String channel,
    double sampleRateHz,
    List<Segment> present,
    String sha256) {
  private static final int CHUNK_BYTES = 1 << 16;

  InputFile {
    present = List.copyOf(present);
  }

  /** One line for an error: what the file has. */
  String describe() {
    return "%s: %s (%s Hz) %s"
        .formatted(path, channel, sampleRateHz, present.isEmpty() ? "no data" : present);
  }

  static String sha256(Path path) throws IOException {
    MessageDigest digest = digest();
    byte[] chunk = new byte[CHUNK_BYTES];
    try (InputStream in = Files.newInputStream(path)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
