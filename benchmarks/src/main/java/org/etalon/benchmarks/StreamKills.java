package org.etalon.benchmarks;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.client.ClientConfig;
import org.etalon.client.ServerGroup;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * A stream through {@code denoise_h1} whose state is on the server, with two servers that are
 * killed with SIGKILL in turn and started anew; then the same updates with the engine in this
 * process. Every answer has to be there, once and in order, and equal.
 */
public final class StreamKills {
  private static final int RATE = 4096;
  private static final int WITNESSES = 12;
  private static final ModelId MODEL = ModelId.of("denoise_h1");

  private final Path[] models;
  private final int updates;
  private final int killEvery;
  private final double perSecond;

  private StreamKills(Path examples, int updates, double perSecond, int killEvery) {
    this.models = new Path[] {examples.resolve("streams"), examples.resolve("models")};
    this.updates = updates;
    this.perSecond = perSecond;
    this.killEvery = killEvery;
  }

  /** Takes the folder of examples, updates of a second, updates a second, updates a kill. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 4) {
      System.err.println("usage: EXAMPLES UPDATES PER_SECOND KILL_EVERY");
      System.exit(2);
    }
    new StreamKills(
            Path.of(arguments[0]),
            Integer.parseInt(arguments[1]),
            Double.parseDouble(arguments[2]),
            Integer.parseInt(arguments[3]))
        .run();
  }

  private void run() throws Exception {
    List<double[]> disturbed = disturbed();
    List<double[]> undisturbed;
    try (Engine engine =
        Engine.start(EngineConfig.of(List.of(models)), Engine.installedBackends())) {
      undisturbed = answers(engine, 0, _ -> {});
    }
    int same = 0;
    double largest = 0;
    for (int i = 0; i < updates; i++) {
      double[] one = disturbed.get(i);
      double[] other = undisturbed.get(i);
      double difference = one.length == other.length ? 0 : Double.POSITIVE_INFINITY;
      for (int k = 0; k < Math.min(one.length, other.length); k++) {
        difference = Math.max(difference, Math.abs(one[k] - other[k]));
      }
      same += difference == 0 ? 1 : 0;
      largest = Math.max(largest, difference);
    }
    System.out.printf(
        Locale.ROOT,
        "%d updates, %d answers, %d of the same bits as undisturbed, largest difference %.1e of strain of 1e-21%n",
        updates,
        disturbed.size(),
        same,
        largest);
  }

  private List<double[]> disturbed() throws Exception {
    ServerProcess[] servers = {ServerProcess.start(models), ServerProcess.start(models)};
    List<ClientConfig> configs =
        List.of(ClientConfig.of(servers[0].url()), ClientConfig.of(servers[1].url()));
    try (ServerGroup group = ServerGroup.open(configs)) {
      return answers(
          group,
          perSecond,
          update -> {
            if (update > 0 && update % killEvery == 0) {
              kill(servers, update / killEvery % 2);
            }
          });
    } finally {
      servers[0].close();
      servers[1].close();
    }
  }

  /** The stream goes on at the other server, while this one comes back. */
  private void kill(ServerProcess[] servers, int index) throws Exception {
    int port = servers[index].grpcPort();
    servers[index].kill();
    servers[index] = ServerProcess.start(port, models);
  }

  /** What happens before an update. */
  private interface Disturbance {
    void before(int update) throws Exception;
  }

  private List<double[]> answers(InferenceService service, double rate, Disturbance disturbance)
      throws Exception {
    List<CompletableFuture<InferenceResponse>> futures = new ArrayList<>();
    List<double[]> answers = new ArrayList<>();
    List<Double> latencies = new ArrayList<>();
    try (InferenceStream stream = service.stream(MODEL, new Sequence.Id.Number(1))) {
      long beganNs = System.nanoTime();
      for (int i = 0; i < updates; i++) {
        disturbance.before(i);
        long waitNs = rate == 0 ? 0 : beganNs + (long) (i / rate * 1e9) - System.nanoTime();
        if (waitNs > 0) {
          Thread.sleep(waitNs / 1_000_000);
        }
        long sentNs = System.nanoTime();
        CompletableFuture<InferenceResponse> answer = stream.send(inputs(i));
        var _ =
            answer.thenRun(() -> {
              synchronized (latencies) {
                latencies.add((System.nanoTime() - sentNs) / 1e9);
              }
            });
        futures.add(answer);
      }
      for (CompletableFuture<InferenceResponse> future : futures) {
        try (InferenceResponse response = future.get()) {
          answers.add(values(response.output("cleaned")));
        }
      }
    }
    synchronized (latencies) {
      latencies.sort(null);
      System.out.printf(
          Locale.ROOT,
          "%d answers, latency p50 %.3f, p99 %.3f, largest %.3f s%n",
          answers.size(),
          latencies.get(latencies.size() / 2),
          latencies.get(latencies.size() * 99 / 100),
          latencies.getLast());
    }
    return answers;
  }

  private static double[] values(Tensor tensor) {
    double[] values = new double[(int) tensor.shape().elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.data().getAtIndex(Tensor.DOUBLE, i);
    }
    return values;
  }

  private static List<Tensor> inputs(int update) {
    Random random = new Random(update);
    float[] witness = new float[WITNESSES * RATE];
    for (int i = 0; i < witness.length; i++) {
      witness[i] = random.nextFloat() - 0.5f;
    }
    double[] strain = new double[RATE];
    for (int i = 0; i < RATE; i++) {
      strain[i] = 1e-21 * (random.nextDouble() - 0.5);
    }
    return List.of(
        Tensor.of("witness", Shape.of(WITNESSES, RATE), witness),
        new Tensor("strain", DataType.FP64, Shape.of(RATE), MemorySegment.ofArray(strain)));
  }
}
