package org.etalon.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long the command takes to be ready. */
final class Starts {
  private static final byte[] IS_READY =
      "GET /v2/health/ready HTTP/1.1\r\nhost: benchmark\r\nconnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private Starts() {}

  /** Milliseconds from the command to the answer that it is ready, of so many starts. */
  static List<Double> millis(Path repository, int count) throws Exception {
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      try (ServerProcess server = ServerProcess.startWith("mlp", repository)) {
        requireReady(server.httpPort());
        all.add((System.nanoTime() - start) / 1e6);
      }
    }
    return all;
  }

  private static void requireReady(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(IS_READY);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!answer.startsWith("HTTP/1.1 200")) {
        throw new IOException("not ready: " + answer);
      }
    }
  }
}
