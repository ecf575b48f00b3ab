package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences through ensembles whose steps overtake each other. */
class EnsembleSequencesTest {
  /** Four digits of it fit into the 24 bits of a float's fraction. */
  private static final int BASE = 64;

  private static final int DIGITS = 4;

  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();
  private final AtomicInteger answered = new AtomicInteger();
  private FakeRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = new FakeRepository(folder);
  }

  private Engine start() {
    return Engine.start(EngineConfig.of(List.of(folder)), List.of(backend));
  }

  private static float value(InferenceResponse response) {
    try (response) {
      return response.output("y").toFloats()[0];
    }
  }

  /** A net with several instances between two models that add up what they have seen. */
  @ParameterizedTest
  @CsvSource({"1, oldest { max_candidate_sequences: 64 }", "2, direct { }"})
  void keepsTheOrderOfSequencesThroughBatchesThatOvertakeEachOther(long seed, String strategy) {
    sum("before", strategy);
    sum("behind", strategy);
    repository
        .model("net", 1, "add 0", "slow 1ms")
        .config(
            "net",
            "max_batch_size: 4 instance_group [ { count: 3 kind: KIND_CPU } ] dynamic_batching { }");
    repository.ensemble("tail", "net", "behind");
    repository.ensemble("e", "before", "tail");
    Random random = new Random(seed);
    Map<Long, Float> once = new HashMap<>();
    Map<Long, Float> twice = new HashMap<>();
    List<Float> expected = new ArrayList<>();
    List<CompletableFuture<Float>> answers = new ArrayList<>();
    try (Engine engine = start()) {
      for (int i = 0; i < 400; i++) {
        long id = 1L + random.nextInt(8);
        float x = random.nextInt(100);
        boolean isStart = !once.containsKey(id) || random.nextInt(20) == 0;
        once.merge(id, x, isStart ? (a, b) -> b : Float::sum);
        twice.merge(id, once.get(id), isStart ? (a, b) -> b : Float::sum);
        expected.add(twice.get(id));
        answers.add(askInSequence(engine, id, x, isStart));
      }
      assertThat(answers.stream().map(CompletableFuture::join).toList()).isEqualTo(expected);
    }
    assertThat(backend.liveInstances()).isZero();
  }

  /**
   * Four sequences for two slots, with requests that expire or are given up at any step. Each adds
   * a digit of its own, so that an answer tells whose requests are in it.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void leaksNoStateWhereRequestsExpireOrAreGivenUp(long seed) {
    sum("behind", "oldest { max_candidate_sequences: 1 }");
    repository
        .model("net", 1, "add 0", "slow 1ms")
        .config(
            "net",
            "max_batch_size: 4 instance_group [ { count: 2 kind: KIND_CPU } ] dynamic_batching { }");
    repository.ensemble("e", "net", "behind");
    Random random = new Random(seed);
    int[] sinceStart = new int[DIGITS];
    List<CompletableFuture<Void>> checks = new ArrayList<>();
    try (Engine engine = start()) {
      for (int i = 0; i < 400; i++) {
        int digit = random.nextInt(DIGITS);
        boolean isStart = random.nextInt(4) == 0 || sinceStart[digit] == BASE - 1;
        sinceStart[digit] = isStart ? 1 : sinceStart[digit] + 1;
        InferenceRequest request = digitRequest(digit, isStart, random);
        CompletableFuture<InferenceResponse> answer = engine.infer(request);
        checks.add(
            answer.handle((response, fault) -> {
              check(digit, response, fault);
              return null;
            }));
        if (random.nextInt(5) == 0) {
          var _ = answer.cancel(true);
        }
      }
      checks.forEach(CompletableFuture::join);
    }
    assertThat(answered.get()).isBetween(20, 380);
    assertThat(backend.liveInstances()).isZero();
  }

  private static InferenceRequest digitRequest(int digit, boolean isStart, Random random) {
    float x = (float) Math.pow(BASE, digit);
    InferenceRequest.Builder request =
        InferenceRequest.to(ModelId.of("e"))
            .input(Tensor.of("x", Shape.of(1, 1), new float[] {x}))
            .sequence(
                new Sequence(new Sequence.Id.Number(digit + 1L), isStart, random.nextInt(8) == 0));
    return random.nextInt(3) == 0
        ? request.queueTimeout(Duration.ofMillis(2)).build()
        : request.build();
  }

  private void check(int digit, @Nullable InferenceResponse response, @Nullable Throwable fault) {
    if (response == null) {
      assertThat(fault).isInstanceOf(ServingException.class);
      return;
    }
    answered.incrementAndGet();
    double own = value(response) / Math.pow(BASE, digit);
    assertThat(own).isBetween(1.0, BASE - 1.0).isEqualTo(Math.rint(own));
  }

  private static CompletableFuture<Float> askInSequence(
      Engine engine, long id, float x, boolean isStart) {
    InferenceRequest request =
        InferenceRequest.to(ModelId.of("e"))
            .input(Tensor.of("x", Shape.of(1, 1), new float[] {x}))
            .sequence(new Sequence(new Sequence.Id.Number(id), isStart, false))
            .build();
    return engine.infer(request).thenApply(EnsembleSequencesTest::value);
  }

  /** A model whose sum is a state that the engine keeps. */
  private void sum(String name, String strategy) {
    repository
        .model(name, 1, "add 0")
        .config(
            name,
            """
            max_batch_size: 8
            input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } ]
            output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]
            instance_group [ { count: 2 kind: KIND_CPU } ]
            sequence_batching {
              max_sequence_idle_microseconds: 60000000
              state [ { input_name: "s" output_name: "t" data_type: TYPE_FP32 dims: [ 1 ]
                        initial_state: { name: "0" data_type: TYPE_FP32 dims: [ 1 ] zero_data: true } } ]
              %s
            }
            """
                .formatted(strategy));
  }
}
