package org.etalon.engine.repository;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelRepositoryAgents.Agent;

/**
 * The repository agent {@code checksum}: a model is loaded only if its files have the MD5 hashes
 * that its configuration gives them.
 */
final class Checksums {
  private static final String PREFIX = "MD5:";

  private Checksums() {}

  /**
   * @throws ServingException INVALID_ARGUMENT if a file has another hash or cannot be read
   */
  static void check(ModelConfig config, ModelFiles files) {
    for (Agent agent : config.getModelRepositoryAgents().getAgentsList()) {
      for (Map.Entry<String, String> entry : agent.getParametersMap().entrySet()) {
        Path file = files.modelFile(entry.getKey().substring(PREFIX.length()));
        String expected = entry.getValue().toLowerCase(Locale.ROOT);
        String actual = md5(file);
        if (!actual.equals(expected)) {
          throw ServingException.invalid(
              "Mismatched MD5 hash for file %s, expect %s, got %s"
                  .formatted(file, expected, actual));
        }
      }
    }
  }

  private static String md5(Path file) {
    try (DigestInputStream content =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("MD5"))) {
      content.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(content.getMessageDigest().digest());
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT, "the hash of %s cannot be made: %s".formatted(file, e), e);
    }
  }
}
