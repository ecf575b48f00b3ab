package org.etalon.strain.opendata;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.etalon.strain.opendata.OpenDataException.Reason;

/**
 * API answers, the last good ones kept in {@code <cache>/answers/HOST/}: cached strain stays usable
 * without a network.
 *
 * <p>A kept answer is used only while the server cannot be had.
 */
final class ApiAnswers {
  private static final long MAX_KEPT_BYTES = 16L << 20;

  private final URI baseUrl;
  private final Path folder;
  private final GwoscHttp http;

  ApiAnswers(OpenDataConfig config, GwoscHttp http) {
    this.http = http;
    String base = config.baseUrl().toString();
    baseUrl = URI.create(base.endsWith("/") ? base : base + "/");
    folder = config.cacheFolder().resolve("answers").resolve(plain(Words.hostAndPort(baseUrl)));
  }

  /** Understands an answer's body. */
  interface BodyReader<T> {
    T read(byte[] body, URI url) throws IOException;
  }

  /**
   * The answer to {@code path}, understood by {@code reader}.
   *
   * @param path relative to the server's root, without a leading slash
   * @throws OpenDataException if neither the server nor the cache has it, or the server's is
   *     malformed
   */
  <T> T get(String path, BodyReader<T> reader, ProgressListener listener) throws IOException {
    URI url = baseUrl.resolve(path);
    Path kept = folder.resolve(plain(path) + ".json");
    byte[] body;
    try {
      body = http.json(url);
    } catch (OpenDataException e) {
      if (!e.isOutage()) {
        throw e;
      }
      if (!Files.isRegularFile(kept)) {
        throw e.withRemedy(
            "That answer can also be saved by hand as %s; the built-in example needs no network"
                .formatted(kept));
      }
      listener.notice(e.getMessage() + "; using its answer of an earlier visit, " + kept);
      return reader.read(keptBytes(kept), kept.toUri());
    }
    T value = reader.read(body, url);
    keep(kept, body);
    return value;
  }

  private static byte[] keptBytes(Path kept) throws IOException {
    if (Files.size(kept) > MAX_KEPT_BYTES) {
      throw new OpenDataException(
          Reason.CACHE,
          kept + " is larger than any answer kept here (expected: at most 16 MiB); delete it");
    }
    return Files.readAllBytes(kept);
  }

  private void keep(Path kept, byte[] body) throws IOException {
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "answer", ".part");
      Files.write(temporary, body);
      Files.move(
          temporary, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw StrainCache.unusable(folder, e);
    }
  }

  private static String plain(String text) {
    return text.replaceAll("[^A-Za-z0-9.-]+", "_");
  }
}
