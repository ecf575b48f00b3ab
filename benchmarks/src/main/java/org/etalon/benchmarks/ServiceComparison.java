package org.etalon.benchmarks;

import static org.etalon.benchmarks.Row.median;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.etalon.benchmarks.Load.Kind;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;

/**
 * What a request costs the server, beside what the network alone costs in the same minutes. The
 * loads and ONNX Runtime take turns, round after round.
 */
public final class ServiceComparison {
  private static final int ROWS = 4096;
  private static final int LIMIT_PASSES = 20;
  private static final double WARM_UP_PART = 0.6;
  private static final int EMBEDDED_REQUESTS = 200_000;

  /** Memory freed by the C library's heap goes back to the system a little later. */
  private static final long SETTLING_MILLIS = 10_000;

  /** What {@link PinnedLoop} took at batch 8 on the machine that the targets are meant for. */
  private static final double REFERENCE_LIMIT_MICROS = 7.4;

  private static final List<Load> LOADS =
      List.of(
          new Load("gRPC, batch 8, 1 connection x 64 streams", Kind.GRPC, 8, 1, 64, 100_000, 12),
          new Load("gRPC, batch 8, 64 connections x 1", Kind.GRPC, 8, 64, 1, 60_000, 18),
          new Load("gRPC, batch 8, 1,000 connections x 1", Kind.GRPC, 8, 1000, 1, 60_000, 22.5),
          new Load("gRPC, batch 8, 1 in flight", Kind.GRPC, 8, 1, 1, 10_000, 40),
          new Load("binary HTTP, batch 8, 64 connections", Kind.BINARY_HTTP, 8, 64, 1, 60_000, 17),
          new Load("JSON, batch 8, 64 connections", Kind.JSON, 8, 64, 1, 20_000, 45),
          new Load("gRPC, batch 64, 1 connection x 16", Kind.GRPC, 64, 1, 16, 20_000, 48),
          new Load("shared memory, batch 64", Kind.SHARED_MEMORY, 64, 1, 16, 20_000, 42));

  /** Of the loads. */
  private static final int SOME_CONNECTIONS = 1;

  private static final int MANY_CONNECTIONS = 2;

  private final List<Load> loads;
  private final List<Row> rows;
  private final Row embedded;
  private final List<Double> limits = new ArrayList<>();
  private final double part;
  private long asked;

  private ServiceComparison(String only, double part) {
    this.part = part;
    this.loads = LOADS.stream().filter(load -> load.name().contains(only)).toList();
    this.rows = loads.stream().map(load -> new Row(load.name(), load.targetMicros())).toList();
    this.embedded = new Row("embedded, batch 8, 64 in flight", 6);
  }

  /**
   * @param arguments the model repository; {@code --quick} for three rounds of a fifth; {@code
   *     --only} and a part of the names of the loads wanted
   */
  public static void main(String[] arguments) throws Exception {
    List<String> options = new ArrayList<>(List.of(arguments));
    boolean isQuick = options.remove("--quick");
    int only = options.indexOf("--only");
    String part = "";
    if (only >= 0 && only + 1 < options.size()) {
      part = options.remove(only + 1);
      options.remove(only);
    }
    if (options.size() != 1) {
      System.err.println("usage: run MODEL_REPOSITORY [--quick] [--only TEXT]");
      System.exit(2);
    }
    Path folder = Files.createTempDirectory("etalon-service");
    try {
      run(Path.of(options.getFirst()), folder, part, isQuick);
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private static void run(Path repository, Path folder, String only, boolean isQuick)
      throws Exception {
    Dataset data = Dataset.write(ROWS, folder.resolve("x.npy"));
    Bodies bodies = new Bodies(folder, data);
    int rounds = isQuick ? 3 : 5;
    if (only.isEmpty()) {
      List<Double> starts = Starts.millis(repository, rounds);
      System.out.printf(Locale.ROOT, "ready after %.0f ms, median of %s%n", median(starts), starts);
    }
    try (ServerProcess server = ServerProcess.startWith("mlp", repository);
        SharedRegion _ = SharedRegion.register(server, bodies.raw(64), 64 * Float.BYTES);
        EmbeddedLoad embedded = new EmbeddedLoad(repository, data, 8, 64);
        PinnedLoop limit = new PinnedLoop(repository.resolve("mlp/1/model.onnx"), data, 8)) {
      check(server, bodies, limit.pass());
      new ServiceComparison(only, isQuick ? 0.2 : 1)
          .compare(server, bodies, embedded, limit, rounds);
    }
  }

  private static void check(ServerProcess server, Bodies bodies, float[] expected)
      throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build();
    try {
      var answer = GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(bodies.message(8));
      requireSame(answer.getRawOutputContents(0).asReadOnlyByteBuffer(), expected, "gRPC");
    } finally {
      channel.shutdownNow();
    }
    requireSame(binaryAnswer(server, bodies), expected, "binary HTTP");
  }

  private static ByteBuffer binaryAnswer(ServerProcess server, Bodies bodies) throws Exception {
    URI uri = URI.create("http://127.0.0.1:%d/v2/models/mlp/infer".formatted(server.httpPort()));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(uri)
                  .header("inference-header-content-length", "" + bodies.binaryHeadBytes(8))
                  .POST(HttpRequest.BodyPublishers.ofFile(bodies.file(Kind.BINARY_HTTP, 8)))
                  .build(),
              BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(new String(answer.body(), StandardCharsets.UTF_8));
      }
      int bytes = 8 * Float.BYTES;
      return ByteBuffer.wrap(answer.body(), answer.body().length - bytes, bytes);
    }
  }

  private static void requireSame(ByteBuffer answer, float[] expected, String by) {
    float[] scores = new float[8];
    answer.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(scores);
    for (int i = 0; i < scores.length; i++) {
      if (Math.abs(scores[i] - expected[i]) > 1e-3f) {
        throw new IllegalStateException(
            "%s: row %d is %s (expected: %s)".formatted(by, i, scores[i], expected[i]));
      }
    }
  }

  private void compare(
      ServerProcess server, Bodies bodies, EmbeddedLoad engine, PinnedLoop limit, int rounds)
      throws Exception {
    for (Load load : loads) { // compiles what all of them use
      var _ = load.send(server, bodies, WARM_UP_PART);
    }
    engine.ask(EMBEDDED_REQUESTS);
    for (int round = 0; round < rounds; round++) {
      limits.add(limitMicros(limit));
      for (int i = 0; i < loads.size(); i++) {
        measure(loads.get(i), rows.get(i), server, bodies);
      }
      engine.measure((int) (EMBEDDED_REQUESTS * part), embedded);
      System.out.printf(
          Locale.ROOT,
          "round %d: ONNX Runtime alone, batch 8: %.1f us; load average %.1f%n",
          round + 1,
          limits.getLast(),
          ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }
    print();
    Thread.sleep(SETTLING_MILLIS);
    System.out.printf(
        Locale.ROOT,
        "%nresident after %,d requests: %.0f MiB (PSS)%n",
        asked,
        server.residentMebibytes());
  }

  private void measure(Load load, Row row, ServerProcess server, Bodies bodies) throws Exception {
    long before = server.cpuNanos();
    Load.Result result = load.send(server, bodies, part);
    long requests =
        Math.max((long) load.connections() * load.streams(), (long) (load.requests() * part));
    asked += requests;
    row.add(
        (server.cpuNanos() - before) / 1e3 / requests,
        result.requestsPerSecond(),
        result.medianMillis());
  }

  /** CPU time of a run of 8 rows in this process, on this thread. */
  private static double limitMicros(PinnedLoop limit) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    var _ = limit.pass();
    long before = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < LIMIT_PASSES; i++) {
      var _ = limit.pass();
    }
    return (threads.getCurrentThreadCpuTime() - before) / 1e3 / (LIMIT_PASSES * (ROWS / 8.0));
  }

  private void print() {
    double limit = median(limits);
    System.out.printf(Locale.ROOT, "%nONNX Runtime alone, batch 8: %.1f us%n", limit);
    System.out.println(Row.header());
    for (Row row : rows) {
      System.out.println(row.line(limit, REFERENCE_LIMIT_MICROS));
    }
    System.out.println(embedded.line(limit, REFERENCE_LIMIT_MICROS));
    if (loads.size() == LOADS.size()) {
      System.out.printf(
          Locale.ROOT,
          "%nrequests/s with 1,000 connections, of those with 64: %.2f%n",
          rows.get(MANY_CONNECTIONS).medianRate() / rows.get(SOME_CONNECTIONS).medianRate());
    }
  }
}
