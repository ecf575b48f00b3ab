package org.etalon.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests that h2load sends, all of the same body, as fast as they are answered.
 *
 * @param name what the table calls it
 * @param kind how the body is sent
 * @param rows of the body
 * @param connections at a time
 * @param streams requests of each connection in flight
 * @param requests in all
 * @param targetMicros what the server's CPU time a request may be, on the machine that the target
 *     is meant for
 */
record Load(
    String name,
    Kind kind,
    int rows,
    int connections,
    int streams,
    int requests,
    double targetMicros) {
  private static final Pattern RATE = Pattern.compile("finished in .*, ([0-9.]+) req/s");
  private static final Pattern SUCCEEDED = Pattern.compile("requests: .* (\\d+) succeeded");

  /** A protocol and form of body. */
  enum Kind {
    GRPC,
    /** gRPC whose tensors lie in the {@link SharedRegion}. */
    SHARED_MEMORY,
    BINARY_HTTP,
    JSON
  }

  /**
   * What came of it.
   *
   * @param medianMillis of the time from sending a request to the end of its answer
   */
  record Result(double requestsPerSecond, double medianMillis) {}

  /** Sends a part of the requests, at least one a connection and stream. */
  Result send(ServerProcess server, Bodies bodies, double part) throws Exception {
    int count = Math.max(connections * streams, (int) (requests * part));
    Path log = bodies.folder().resolve("times");
    Files.deleteIfExists(log);
    List<String> command = new ArrayList<>(List.of("h2load", "-t", "1"));
    command.addAll(List.of("-c", "" + connections, "-m", "" + streams, "-n", "" + count));
    command.addAll(List.of("--log-file", log.toString()));
    command.addAll(List.of("-d", bodies.file(kind, rows).toString()));
    command.addAll(protocol(bodies));
    command.add(url(server));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    if (number(SUCCEEDED, said) != count) {
      throw new IOException(
          "%s: not all of %d requests succeeded: %s".formatted(name, count, said));
    }
    return new Result(number(RATE, said), median(log));
  }

  private List<String> protocol(Bodies bodies) {
    return switch (kind) {
      case GRPC, SHARED_MEMORY ->
          List.of("-H", "content-type: application/grpc", "-H", "te: trailers");
      case JSON -> List.of("--h1", "-H", "content-type: application/json");
      case BINARY_HTTP ->
          List.of(
              "--h1",
              "-H",
              "content-type: application/octet-stream",
              "-H",
              "inference-header-content-length: " + bodies.binaryHeadBytes(rows));
    };
  }

  private String url(ServerProcess server) {
    return kind == Kind.GRPC || kind == Kind.SHARED_MEMORY
        ? "http://127.0.0.1:%d/inference.GRPCInferenceService/ModelInfer"
            .formatted(server.grpcPort())
        : "http://127.0.0.1:%d/v2/models/mlp/infer".formatted(server.httpPort());
  }

  private static double number(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("h2load said: " + text);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /** Lines of start, status and duration, times in us. */
  private static double median(Path log) throws IOException {
    List<Double> times = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      times.add(Double.parseDouble(line.split("\t")[2]));
    }
    times.sort(null);
    return times.get(times.size() / 2) / 1000;
  }
}
