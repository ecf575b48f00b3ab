package org.etalon.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory that the load shares with the server: the rows of a request, and room for its answer.
 * Linux, where POSIX shared memory is files.
 */
final class SharedRegion implements AutoCloseable {
  /** Known to the server by this name. */
  static final String NAME = "benchmark";

  private final Path file;

  private SharedRegion(Path file) {
    this.file = file;
  }

  static SharedRegion register(ServerProcess server, byte[] rows, int answerBytes)
      throws IOException, InterruptedException {
    String key = "etalon-benchmark-" + ProcessHandle.current().pid();
    SharedRegion region = new SharedRegion(Path.of("/dev/shm", key));
    byte[] whole = new byte[rows.length + answerBytes];
    System.arraycopy(rows, 0, whole, 0, rows.length);
    Files.write(region.file, whole);
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/v2/systemsharedmemory/region/%s/register"
                .formatted(server.httpPort(), NAME));
    String body =
        """
        {"key":"/%s","offset":0,"byte_size":%d}\
        """
            .formatted(key, whole.length);
    try (HttpClient client = HttpClient.newHttpClient()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
              BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        region.close();
        throw new IOException("shared memory was not registered: " + answer.body());
      }
    }
    return region;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
