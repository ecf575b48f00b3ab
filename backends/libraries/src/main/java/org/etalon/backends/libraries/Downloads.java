package org.etalon.backends.libraries;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/** Copies archives and looks whether they are the pinned ones. */
final class Downloads {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MAX_PAGE_BYTES = 1 << 24;
  private static final int OK = 200;

  private Downloads() {}

  /**
   * Brings a remote file to {@code target}.
   *
   * @throws IOException if the address cannot be reached, has no such file or sends another one
   */
  static void fetch(URI address, PinnedFile file, Path target, FetchListener listener)
      throws IOException {
    get(address, body -> copy(body, file, target, listener));
  }

  /**
   * The text at an address.
   *
   * @throws IOException if it cannot be reached, or is longer than any list of files
   */
  static String page(URI address) throws IOException {
    StringBuilder text = new StringBuilder();
    get(
        address,
        body -> {
          byte[] bytes = body.readNBytes(MAX_PAGE_BYTES + 1);
          if (bytes.length > MAX_PAGE_BYTES) {
            throw new IOException("%s is longer than %d bytes".formatted(address, MAX_PAGE_BYTES));
          }
          text.append(new String(bytes, StandardCharsets.UTF_8));
        });
    return text.toString();
  }

  private interface Reader {
    void read(InputStream body) throws IOException;
  }

  private static void get(URI address, Reader reader) throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      HttpRequest request = HttpRequest.newBuilder(address).timeout(ANSWER_TIMEOUT).build();
      HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        if (answer.statusCode() != OK) {
          throw new IOException(
              "%s answered %d (expected: 200)".formatted(address, answer.statusCode()));
        }
        reader.read(body);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while fetching " + address, e);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(address, e.getMessage()), e);
    }
  }

  /** Copies a file that is on this machine. */
  static void copy(Path source, PinnedFile file, Path target, FetchListener listener)
      throws IOException {
    try (InputStream content = Files.newInputStream(source)) {
      copy(content, file, target, listener);
    }
  }

  private static void copy(
      InputStream content, PinnedFile file, Path target, FetchListener listener)
      throws IOException {
    MessageDigest digest = sha256();
    long bytes = 0;
    try (OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        out.write(buffer, 0, read);
        digest.update(buffer, 0, read);
        bytes += read;
        if (bytes > file.bytes()) {
          break;
        }
        listener.fetched(file.name(), bytes, file.bytes());
      }
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (bytes != file.bytes() || !found.equals(file.sha256())) {
      throw new IOException(
          "%s is not the pinned file: %d bytes, SHA-256 %s (expected: %d bytes, %s)"
              .formatted(file.name(), bytes, found, file.bytes(), file.sha256()));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
