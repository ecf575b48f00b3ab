package org.etalon.backends.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingBackendTest {
  @TempDir private Path folder;

  private Engine serve(String model, String... parameters) {
    StringBuilder config = new StringBuilder("backend: \"streaming\"\n");
    for (String parameter : parameters) {
      String[] pair = parameter.split("=", 2);
      config.append(
          "parameters { key: \"%s\" value: { string_value: \"%s\" } }\n"
              .formatted(pair[0], pair[1]));
    }
    FakeRepository repository =
        new FakeRepository(folder).config(model, config.toString()).file(model, "1/empty", "");
    return Engine.start(
        EngineConfig.of(List.of(repository.folder())), List.of(new StreamingBackend()));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 8, 2", "2, 3, 10, 3", "3, 21, 64, 4", "4, 2, 5, 5"})
  void cutsStreamsSideBySideIntoTheKernelsOfEach(long seed, int channels, int kernel, int stride)
      throws Exception {
    try (Engine engine =
        serve(
            "cut",
            "operator=snapshotter",
            "channels=" + channels,
            "kernel=" + kernel,
            "stride=" + stride)) {
      List<InferenceStream> streams = new ArrayList<>();
      List<float[]> series = new ArrayList<>();
      for (int s = 0; s < 3; s++) {
        streams.add(engine.stream(ModelId.of("cut"), new Sequence.Id.Number(s + 1)));
        series.add(noise(channels * stride * 40, seed + s));
      }
      Random random = new Random(seed);
      int[] at = new int[3];
      for (int round = 0; round < 60; round++) {
        int s = random.nextInt(3);
        int count = 1 + random.nextInt(3);
        if (at[s] + count > 40) {
          continue;
        }
        at[s] += count;
        try (InferenceResponse response =
            streams
                .get(s)
                .send(List.of(update(series.get(s), channels, stride, at[s], count)))
                .join()) {
          Tensor kernels = response.output("kernels");
          assertThat(kernels.shape()).isEqualTo(Shape.of(count, channels, kernel));
          assertKernels(kernels, series.get(s), channels, kernel, stride, at[s] - count);
        }
      }
    }
  }

  /** Of a series in which channel {@code c}'s sample {@code i} is at {@code i * channels + c}. */
  private static Tensor update(float[] series, int channels, int stride, int end, int count) {
    int samples = count * stride;
    float[] update = new float[channels * samples];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < samples; i++) {
        update[c * samples + i] = series[((end - count) * stride + i) * channels + c];
      }
    }
    return Tensor.of("update", Shape.of(channels, samples), update);
  }

  private static void assertKernels(
      Tensor kernels, float[] series, int channels, int kernel, int stride, int before) {
    float[] values = kernels.toFloats();
    for (int n = 0; n < kernels.shape().dim(0); n++) {
      int end = (before + n + 1) * stride;
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < kernel; i++) {
          int sample = end - kernel + i;
          assertThat(values[(n * channels + c) * kernel + i])
              .isEqualTo(sample < 0 ? 0 : series[sample * channels + c]);
        }
      }
    }
  }

  @Test
  void averagesGivesWhatIsLeftAtTheEndAndBeginsAnew() throws Exception {
    try (Engine engine =
        serve("mean", "operator=aggregator", "kernel=6", "stride=2", "latency=4")) {
      InferenceStream stream = engine.stream(ModelId.of("mean"), new Sequence.Id.Text("H1"));
      for (int run = 0; run < 2; run++) {
        List<Float> given = new ArrayList<>();
        for (int j = 0; j < 5; j++) {
          float[] row = new float[6];
          for (int i = 0; i < 6; i++) {
            row[i] = (j + 1) * 2 - 6 + i; // the sample's own number
          }
          Tensor outputs = Tensor.of("outputs", Shape.of(1, 6), row);
          var answer = j < 4 ? stream.send(List.of(outputs)) : stream.end(List.of(outputs));
          for (float value : answer.join().output("series").toFloats()) {
            given.add(value);
          }
        }
        assertThat(given).containsExactly(0f, 0f, 0f, 0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FP64", "FP32"})
  void subtractsNoiseThatComesLate(String precision) throws Exception {
    FakeRepository repository =
        new FakeRepository(folder)
            .config(
                "clean",
                """
                backend: "streaming"
                input { name: "h" data_type: TYPE_%s dims: [ -1 ] }
                input { name: "n" data_type: TYPE_FP32 dims: [ -1 ] }
                parameters { key: "operator" value: { string_value: "subtractor" } }
                parameters { key: "noise_latency" value: { string_value: "2" } }
                parameters { key: "scale" value: { string_value: "10" } }
                """
                    .formatted(precision))
            .file("clean", "1/empty", "");
    try (Engine engine =
        Engine.start(
            EngineConfig.of(List.of(repository.folder())), List.of(new StreamingBackend()))) {
      InferenceStream stream = engine.stream(ModelId.of("clean"), new Sequence.Id.Number(1));
      var first = stream.send(List.of(strain(precision, 100, 200), floats("n", 0, 0))).join();
      var last = stream.end(List.of(strain(precision, 300, 400), floats("n", 1, 2, 3, 4))).join();
      assertThat(doubles(first.output("cleaned"))).containsExactly(0, 0);
      assertThat(doubles(last.output("cleaned"))).containsExactly(90, 180, 270, 360);
      assertThatThrownBy(() -> join(stream.send(List.of(strain(precision, 1, 2), floats("n", 1)))))
          .hasMessageContaining("noise: 1 samples with 2 of strain (expected: 2)");
    }
  }

  @Test
  void whitensDetectorsThatComeAsInputsOfTheirOwn() throws Exception {
    try (Engine engine =
        serve(
            "white",
            "operator=whitener",
            "series=h1, l1",
            "input_rate_hz=512",
            "sample_rate_hz=256",
            "psd_seconds=8",
            "first_psd_seconds=4",
            "latency=160")) {
      InferenceStream stream = engine.stream(ModelId.of("white"), new Sequence.Id.Number(1));
      Random random = new Random(1);
      double square = 0;
      for (int second = 0; second < 20; second++) {
        double[] h1 = random.doubles(512, -1, 1).toArray();
        double[] l1 = Arrays.stream(h1).map(x -> 1e-21 * x).toArray();
        Tensor white =
            stream
                .send(
                    List.of(
                        new Tensor("h1", DataType.FP64, Shape.of(512), MemorySegment.ofArray(h1)),
                        new Tensor("l1", DataType.FP64, Shape.of(512), MemorySegment.ofArray(l1))))
                .join()
                .output("whitened");
        assertThat(white.shape()).isEqualTo(Shape.of(2, 256));
        float[] values = white.toFloats();
        for (int i = 0; i < 256; i++) {
          assertThat(values[256 + i]).isCloseTo(values[i], within(1e-3f));
          square += second < 6 ? 0 : values[i] * values[i];
        }
      }
      // Of 128 Hz 108 pass; the scatter of a PSD of seven segments adds about as much again.
      assertThat(square / (14 * 256)).isBetween(0.8, 1.2);
    }
  }

  @Test
  void tellsHowLongItsStateRemembers() {
    try (Engine engine =
        serve("cut", "operator=snapshotter", "channels=2", "kernel=10", "stride=2")) {
      var config = engine.config(ModelId.of("cut"));
      assertThat(config.getParametersOrThrow("stream_memory_samples").getStringValue())
          .isEqualTo("8");
      assertThat(config.getParametersOrThrow("stream_input_per_output").getStringValue())
          .isEqualTo("1");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "operator=snapshoter | expected: one of [snapshotter, aggregator, whitener, subtractor]; did you mean 'snapshotter'?",
        "operator=snapshotter;channels=2;kernel=8 | stride: not given",
        "operator=snapshotter;channels=2;kernel=8;stride=9 | stride: 9 (expected: from 1 to 8)",
        "operator=snapshotter;channels=2;kernel=8;stride=x | stride: 'x' (expected: a whole number)",
        "operator=snapshotter;channels=2;kernel=8;stride=2;strides=4 | strides: unknown parameter (nearest known: 'stride'",
        "operator=whitener;input_rate_hz=4096;latency=3 | latencySamples: 3 (expected: at least 2048)",
      })
  void refusesSettingsByNameAndSaysWhatIsExpected(String parameters, String expected) {
    try (Engine engine = serve("bad", parameters.strip().split(";"))) {
      assertThat(engine.index().getFirst().toString()).contains(expected);
    }
  }

  @Test
  void refusesAnUpdateThatDoesNotFitAndGoesOn() throws Exception {
    try (Engine engine =
        serve("cut", "operator=snapshotter", "channels=1", "kernel=4", "stride=2")) {
      InferenceStream stream = engine.stream(ModelId.of("cut"), new Sequence.Id.Number(1));
      stream.send(List.of(Tensor.of("update", Shape.of(1, 2), new float[] {1, 2}))).join();
      assertThatThrownBy(() ->
              join(
                  stream.send(List.of(Tensor.of("update", Shape.of(1, 3), new float[] {7, 8, 9})))))
          .hasMessageContaining("a multiple of the stride of 2 samples");
      Tensor kernels =
          stream
              .send(List.of(Tensor.of("update", Shape.of(1, 2), new float[] {3, 4})))
              .join()
              .output("kernels");
      assertThat(kernels.toFloats()).containsExactly(1, 2, 3, 4);
    }
  }

  private static void join(CompletableFuture<InferenceResponse> answer) throws Throwable {
    try {
      answer.join();
    } catch (CompletionException e) {
      throw e.getCause();
    }
  }

  private static Tensor strain(String precision, double... values) {
    return precision.equals("FP64")
        ? new Tensor("h", DataType.FP64, Shape.of(values.length), MemorySegment.ofArray(values))
        : floats("h", values);
  }

  private static Tensor floats(String name, double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(name, Shape.of(floats.length), floats);
  }

  private static double[] doubles(Tensor tensor) {
    return Doubles.read(tensor, 0, (int) tensor.shape().elementCount());
  }

  private static float[] noise(int size, long seed) {
    Random random = new Random(seed);
    float[] noise = new float[size];
    for (int i = 0; i < size; i++) {
      noise[i] = random.nextFloat();
    }
    return noise;
  }
}
