package org.etalon.benchmarks;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
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
 * Seconds of compute for a second of archived data: one detector denoised, and two denoised and
 * searched, through the ensembles of {@code examples/streams}, beside their networks alone in one
 * ONNX Runtime loop.
 */
public final class OfflineStreams {
  private static final int RATE = 4096;
  private static final int WITNESSES = 12;
  private static final int UPDATE_SECONDS = 4;
  private static final int UNDER_WAY = 4;
  private static final int WARM_UP_SECONDS = 40;
  private static final int ROUNDS = 3;

  private final Tensor witness;
  private final Tensor strain;
  private final int seconds;
  private long sequence = 1;

  private OfflineStreams(int seconds) {
    this.seconds = seconds;
    Random random = new Random(1);
    float[] witnesses = new float[WITNESSES * UPDATE_SECONDS * RATE];
    for (int i = 0; i < witnesses.length; i++) {
      witnesses[i] = (float) random.nextGaussian();
    }
    double[] samples = new double[UPDATE_SECONDS * RATE];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = 1e-21 * random.nextGaussian();
    }
    witness = Tensor.of("witness", Shape.of(WITNESSES, (long) UPDATE_SECONDS * RATE), witnesses);
    strain =
        new Tensor(
            "strain",
            DataType.FP64,
            Shape.of((long) UPDATE_SECONDS * RATE),
            MemorySegment.ofArray(samples));
  }

  /** Takes the folder of examples and how many seconds of data. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      System.err.println("usage: EXAMPLES SECONDS");
      System.exit(2);
    }
    Path examples = Path.of(arguments[0]);
    OfflineStreams streams = new OfflineStreams(Integer.parseInt(arguments[1]));
    Path[] repositories = {examples.resolve("streams"), examples.resolve("models")};
    EngineConfig config = EngineConfig.of(List.of(repositories));
    try (Engine engine = Engine.start(config, Engine.installedBackends());
        ServerProcess server = ServerProcess.start(repositories);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      for (InferenceService service : List.of(engine, client)) {
        var _ = streams.secondsPerSecond(service, "denoise_search", WARM_UP_SECONDS);
      }
      streams.compare(examples, engine, client);
    }
  }

  /** All ways take turns; the best of the rounds counts, as what disturbs only adds. */
  private void compare(Path examples, InferenceService engine, InferenceService client)
      throws Exception {
    double[] best = new double[6];
    java.util.Arrays.fill(best, Double.POSITIVE_INFINITY);
    for (int round = 0; round < ROUNDS; round++) {
      double[] times = {
        alone(examples, 1, false),
        secondsPerSecond(engine, "denoise_h1", seconds),
        secondsPerSecond(client, "denoise_h1", seconds),
        alone(examples, 2, true),
        secondsPerSecond(engine, "denoise_search", seconds),
        secondsPerSecond(client, "denoise_search", seconds)
      };
      for (int i = 0; i < best.length; i++) {
        best[i] = Math.min(best[i], times[i]);
      }
    }
    System.out.println(
        "| ms of compute a second of data | ONNX Runtime loop | embedded | loop / it | served | loop / it |");
    System.out.println("|---|--:|--:|--:|--:|--:|");
    print("denoise, one detector", best, 0);
    print("denoise two detectors and search", best, 3);
  }

  private static void print(String name, double[] best, int from) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f | %.1f | %.2f | %.1f | %.2f |%n",
        name,
        1e3 * best[from],
        1e3 * best[from + 1],
        best[from] / best[from + 1],
        1e3 * best[from + 2],
        best[from] / best[from + 2]);
  }

  /** The networks that a second of data needs, in batches as large as an update's. */
  private static double alone(Path examples, int detectors, boolean isSearched) throws Exception {
    double micros =
        4
            * detectors
            * NetworkAlone.microsPerRow(
                examples.resolve("streams/deepclean/1/model.onnx"),
                "witness",
                new long[] {4 * UPDATE_SECONDS, WITNESSES, 8192});
    if (isSearched) {
      micros +=
          16
              * NetworkAlone.microsPerRow(
                  examples.resolve("models/bbh/2/model.onnx"),
                  "strain",
                  new long[] {16 * UPDATE_SECONDS, 2, 2048});
    }
    return micros / 1e6;
  }

  private double secondsPerSecond(InferenceService service, String model, int dataSeconds)
      throws Exception {
    boolean isSearch = model.equals("denoise_search");
    List<Tensor> inputs =
        isSearch
            ? List.of(
                witness.named("witness_h1"),
                strain.named("strain_h1"),
                witness.named("witness_l1"),
                strain.named("strain_l1"))
            : List.of(witness, strain);
    ArrayDeque<CompletableFuture<InferenceResponse>> underWay = new ArrayDeque<>();
    int updates = dataSeconds / UPDATE_SECONDS;
    try (InferenceStream stream =
        service.stream(ModelId.of(model), new Sequence.Id.Number(sequence++))) {
      long start = System.nanoTime();
      for (int i = 0; i < updates; i++) {
        underWay.add(i == updates - 1 ? stream.end(inputs) : stream.send(inputs));
        if (underWay.size() == UNDER_WAY) {
          underWay.remove().get().close();
        }
      }
      while (!underWay.isEmpty()) {
        underWay.remove().get().close();
      }
      return (System.nanoTime() - start) / 1e9 / (updates * UPDATE_SECONDS);
    }
  }
}
