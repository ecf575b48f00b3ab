package org.etalon.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.strain.StrainFile;
import org.etalon.strain.signal.Butterworth;
import org.etalon.strain.signal.WhiteningSettings;
import org.etalon.strain.stream.Subtractor;
import org.etalon.strain.stream.Whitener;
import org.etalon.strain.stream.WhitenerSettings;
import org.etalon.strain.stream.ZeroPhaseFilter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The ensemble of {@code examples/streams} beside the same computation done at once. */
class FullEnsembleTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("etalon.root", "..")).resolve("examples");
  private static final ModelId FULL = ModelId.of("denoise_search");
  private static final int RATE = 4096;
  private static final int SAMPLES = 16 * RATE;
  private static final int WITNESSES = 12;
  private static final int KERNEL = 8192;
  private static final int STRIDE = 1024;
  private static final int LATENCY = 3072;
  private static final int WINDOW = 2048;
  private static final int WINDOW_STRIDE = 128;

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static Engine engine;

  @SuppressWarnings("NullAway.Init")
  private static Detector h1;

  @SuppressWarnings("NullAway.Init")
  private static Detector l1;

  /**
   * A detector's data.
   *
   * @param witness shape {@code (WITNESSES, SAMPLES)}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Detector(double[] strain, float[] witness) {}

  @BeforeAll
  static void startEngine() throws IOException {
    engine =
        Engine.start(
            EngineConfig.of(List.of(EXAMPLES.resolve("streams"), EXAMPLES.resolve("models"))),
            Engine.installedBackends());
    h1 = detector("H-H1_SIM_4KHZ-1400000000-64.hdf5", 1);
    l1 = detector("L-L1_SIM_4KHZ-1400000000-64.hdf5", 2);
  }

  @AfterAll
  static void closeEngine() {
    engine.close();
  }

  private static Detector detector(String name, long seed) throws IOException {
    Random random = new Random(seed);
    float[] witness = new float[WITNESSES * SAMPLES];
    for (int i = 0; i < witness.length; i++) {
      witness[i] = (float) random.nextGaussian();
    }
    try (StrainFile file = StrainFile.open(EXAMPLES.resolve("strain").resolve(name))) {
      double[] strain = file.readSeries(file.strainChannel()).samples();
      return new Detector(Arrays.copyOf(strain, SAMPLES), witness);
    }
  }

  @Test
  void givesWhatIsComputedAtOnceSampleBySampleHoweverTheDataAreCut() throws Exception {
    double[] cleanH1 = cleaned(h1);
    double[] cleanL1 = cleaned(l1);
    double[] whiteH1 = whitener().push(cleanH1);
    double[] whiteL1 = whitener().push(cleanL1);
    float[] windows = windows(whiteH1, whiteL1);
    float[] scores = ask("bbh", "strain", "score", windows, 2, WINDOW);

    Map<String, List<double[]>> live = new HashMap<>();
    int[] updates = {1, 2, 5, 4, 4, 11, 1}; // of a quarter of a second, in turn
    InferenceStream stream = engine.stream(FULL, new Sequence.Id.Number(3));
    List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
    for (int at = 0, n = 0; at < SAMPLES; n++) {
      int to = Math.min(SAMPLES, at + STRIDE * updates[n % updates.length]);
      answers.add(to == SAMPLES ? stream.end(inputs(at, to)) : stream.send(inputs(at, to)));
      at = to;
    }
    for (CompletableFuture<InferenceResponse> answer : answers) {
      try (InferenceResponse response = answer.get()) {
        response.outputs().forEach(tensor -> collect(live, tensor));
      }
    }

    // A line of the prediction's size; what differs is the rounding of batches of other sizes.
    assertThat(joined(live, "cleaned_h1")).containsExactly(cleanH1, within(1e-27));
    assertThat(joined(live, "cleaned_l1")).containsExactly(cleanL1, within(1e-27));
    double[][] liveWhite = rows(live.getOrDefault("whitened", List.of()));
    assertThat(liveWhite[0]).containsExactly(whiteH1, within(1e-4));
    assertThat(liveWhite[1]).containsExactly(whiteL1, within(1e-4));
    double[] liveScores = joined(live, "score");
    assertThat(liveScores).hasSize(scores.length);
    for (int i = 0; i < scores.length; i++) {
      assertThat(liveScores[i]).as("window %d", i).isCloseTo(scores[i], within(1e-4));
    }
  }

  private static Whitener whitener() {
    WhiteningSettings filter = new WhiteningSettings(2048, 1, 20);
    assertThat(WhitenerSettings.minLatencySamples(RATE, 2048, filter)).isLessThan(1152);
    return new Whitener(new WhitenerSettings(RATE, 2048, 32, 8, 2, 1, 20, 1152));
  }

  private static List<Tensor> inputs(int from, int to) {
    return List.of(
        witness("witness_h1", h1, from, to),
        strain("strain_h1", h1, from, to),
        witness("witness_l1", l1, from, to),
        strain("strain_l1", l1, from, to));
  }

  private static Tensor strain(String name, Detector detector, int from, int to) {
    double[] part = Arrays.copyOfRange(detector.strain, from, to);
    return new Tensor(name, DataType.FP64, Shape.of(to - from), MemorySegment.ofArray(part));
  }

  private static Tensor witness(String name, Detector detector, int from, int to) {
    float[] part = new float[WITNESSES * (to - from)];
    for (int c = 0; c < WITNESSES; c++) {
      System.arraycopy(detector.witness, c * SAMPLES + from, part, c * (to - from), to - from);
    }
    return Tensor.of(name, Shape.of(WITNESSES, to - from), part);
  }

  /** Kernels of all the strain at once, the mean of the outputs that are in time, subtracted. */
  private static double[] cleaned(Detector detector) {
    int count = SAMPLES / STRIDE;
    int first = KERNEL / STRIDE - 1; // those before reach back before the start
    float[] kernels = new float[(count - first) * WITNESSES * KERNEL];
    for (int j = first; j < count; j++) {
      for (int c = 0; c < WITNESSES; c++) {
        int from = c * SAMPLES + (j + 1) * STRIDE - KERNEL;
        int to = ((j - first) * WITNESSES + c) * KERNEL;
        System.arraycopy(detector.witness, from, kernels, to, KERNEL);
      }
    }
    float[] outputs = ask("deepclean", "witness", "noise", kernels, WITNESSES, KERNEL);
    double[] noise = new double[SAMPLES + LATENCY]; // the first are of before the start
    for (int s = 0; s < SAMPLES; s++) {
      int given = (s / STRIDE + 1) * STRIDE + LATENCY;
      double sum = 0;
      int covering = 0;
      for (int j = first; j < count; j++) {
        int end = (j + 1) * STRIDE;
        if (s >= end - KERNEL && s < end && end <= given) {
          sum += outputs[(j - first) * KERNEL + s - (end - KERNEL)];
          covering++;
        }
      }
      noise[LATENCY + s] = covering == 0 ? 0 : (float) (sum / covering);
    }
    ZeroPhaseFilter band =
        ZeroPhaseFilter.bothWays(Butterworth.bandpass(6, 50, 70, RATE), RATE / 2);
    return new Subtractor(LATENCY, 1e-21, band).push(detector.strain, noise, true);
  }

  private static float[] windows(double[] first, double[] second) {
    int count = first.length / WINDOW_STRIDE;
    float[] windows = new float[count * 2 * WINDOW];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < WINDOW; i++) {
        int sample = (j + 1) * WINDOW_STRIDE - WINDOW + i;
        windows[2 * j * WINDOW + i] = sample < 0 ? 0 : (float) first[sample];
        windows[(2 * j + 1) * WINDOW + i] = sample < 0 ? 0 : (float) second[sample];
      }
    }
    return windows;
  }

  /** The model's one output for all rows, asked for a few at a time. */
  private static float[] ask(
      String model, String input, String output, float[] rows, int channels, int length) {
    int size = channels * length;
    int count = rows.length / size;
    float[] all = new float[0];
    for (int from = 0; from < count; from += 8) {
      int to = Math.min(count, from + 8);
      float[] part = Arrays.copyOfRange(rows, from * size, to * size);
      Tensor tensor = Tensor.of(input, Shape.of(to - from, channels, length), part);
      try (InferenceResponse response =
          engine.infer(InferenceRequest.of(ModelId.of(model), tensor)).join()) {
        float[] values = response.output(output).toFloats();
        all = Arrays.copyOf(all, all.length + values.length);
        System.arraycopy(values, 0, all, all.length - values.length, values.length);
      }
    }
    return all;
  }

  private static void collect(Map<String, List<double[]>> all, Tensor tensor) {
    double[] values = new double[(int) tensor.shape().elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          tensor.datatype() == DataType.FP64
              ? tensor.data().getAtIndex(Tensor.DOUBLE, i)
              : tensor.data().getAtIndex(Tensor.FLOAT, i);
    }
    all.computeIfAbsent(tensor.name(), _ -> new ArrayList<>()).add(values);
  }

  private static double[] joined(Map<String, List<double[]>> all, String name) {
    return all.getOrDefault(name, List.of()).stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** The two rows of updates of two rows each. */
  private static double[][] rows(List<double[]> updates) {
    double[][] rows = new double[2][];
    for (int row = 0; row < 2; row++) {
      int half = row;
      rows[row] =
          updates.stream()
              .flatMapToDouble(
                  u -> Arrays.stream(u, half * u.length / 2, (half + 1) * u.length / 2))
              .toArray();
    }
    return rows;
  }
}
