package org.etalon.engine.repository;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;
import org.etalon.inference.ServingException;

/**
 * A version that is given a share of a model's requests while the others serve the rest, as the
 * model's file {@code canary.properties} says: {@code version=3}, {@code share=0.05}.
 *
 * @param share of the requests that name no version, of 1
 */
public record Canary(long version, double share) {
  static final String FILE = "canary.properties";

  public Canary {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "share: " + share + " (expected: between 0 and 1, neither of them)");
    }
  }

  /**
   * @param folder the model's
   * @throws ServingException INVALID_ARGUMENT if the file says something else
   */
  static Optional<Canary> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(file)));
      long version = Long.parseLong(properties.getProperty("version", ""));
      return Optional.of(
          new Canary(version, Double.parseDouble(properties.getProperty("share", ""))));
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(
          "%s holds %s (expected: version=NUMBER and share=NUMBER between 0 and 1)"
              .formatted(file, properties));
    }
  }

  /** Writes the file into a model's folder, by one rename. */
  public void write(Path folder) throws IOException {
    Path staged = folder.resolve("." + FILE);
    Files.writeString(staged, "version=%d%nshare=%s%n".formatted(version, share));
    Files.move(staged, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes the file away: the version is one like the others. */
  public static void end(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }
}
