package org.etalon.benchmarks;

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
          new Load("gRPC, batch 64, 1 connection x 16", Kind.GRPC, 64, 1, 16, 20_000, 48));

  private final List<List<Double>> cpuMicros = new ArrayList<>();
  private final List<List<Double>> rates = new ArrayList<>();
  private final List<List<Double>> millis = new ArrayList<>();
  private final List<Double> limits = new ArrayList<>();
  private final double part;

  private ServiceComparison(double part) {
    this.part = part;
    for (Load _ : LOADS) {
      cpuMicros.add(new ArrayList<>());
      rates.add(new ArrayList<>());
      millis.add(new ArrayList<>());
    }
  }

  /**
   * @param arguments the model repository, and {@code --quick} for three rounds of a fifth
   */
  public static void main(String[] arguments) throws Exception {
    boolean isQuick = arguments.length == 2 && arguments[1].equals("--quick");
    if (arguments.length < 1 || (arguments.length > 1 && !isQuick)) {
      System.err.println("usage: run MODEL_REPOSITORY [--quick]");
      System.exit(2);
    }
    Path folder = Files.createTempDirectory("etalon-service");
    Path repository = Path.of(arguments[0]);
    Dataset data = Dataset.write(ROWS, folder.resolve("x.npy"));
    try (ServerProcess server = ServerProcess.start(repository);
        PinnedLoop limit = new PinnedLoop(repository.resolve("mlp/1/model.onnx"), data, 8)) {
      Bodies bodies = new Bodies(folder, data);
      check(server, bodies, limit.pass());
      new ServiceComparison(isQuick ? 0.2 : 1).compare(server, bodies, limit, isQuick ? 3 : 5);
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
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

  private void compare(ServerProcess server, Bodies bodies, PinnedLoop limit, int rounds)
      throws Exception {
    for (Load load : LOADS) { // compiles what all of them use
      var _ = load.send(server, bodies, WARM_UP_PART);
    }
    for (int round = 0; round < rounds; round++) {
      limits.add(limitMicros(limit));
      for (int i = 0; i < LOADS.size(); i++) {
        measure(i, server, bodies);
      }
      System.out.printf(
          Locale.ROOT,
          "round %d: ONNX Runtime alone, batch 8: %.1f us; load average %.1f%n",
          round + 1,
          limits.getLast(),
          ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }
    print();
    System.out.printf(Locale.ROOT, "%nresident: %.0f MiB (PSS)%n", server.residentMebibytes());
  }

  private void measure(int index, ServerProcess server, Bodies bodies) throws Exception {
    Load load = LOADS.get(index);
    long before = server.cpuNanos();
    Load.Result result = load.send(server, bodies, part);
    double requests = Math.max(load.connections() * load.streams(), load.requests() * part);
    cpuMicros.get(index).add((server.cpuNanos() - before) / 1e3 / requests);
    rates.get(index).add(result.requestsPerSecond());
    millis.get(index).add(result.medianMillis());
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
    System.out.println(
        "\n| | server CPU, us a request | of ONNX Runtime alone | asked | requests/s | p50, ms |");
    System.out.println("|---|--:|--:|--:|--:|--:|");
    for (int i = 0; i < LOADS.size(); i++) {
      List<Double> cpu = cpuMicros.get(i);
      double[] sorted = cpu.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      System.out.printf(
          Locale.ROOT,
          "| %s | %.1f (%.1f to %.1f) | %.2f | %.1f | %,.0f | %.2f |%n",
          LOADS.get(i).name(),
          median(cpu),
          sorted[0],
          sorted[sorted.length - 1],
          median(cpu) / limit,
          LOADS.get(i).targetMicros() / REFERENCE_LIMIT_MICROS,
          median(rates.get(i)),
          median(millis.get(i)));
    }
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
