package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.config.RateLimits;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that share a resource by {@code rate_limiter}. */
class RateLimitTest {
  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();
  private FakeRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = new FakeRepository(folder);
    shared("holder", "", 1, "hold");
  }

  private void shared(String name, String scheduling, int count, String... orders) {
    repository
        .model(name, 1, orders)
        .config(
            name,
            """
            max_batch_size: 8
            instance_group [ { kind: KIND_CPU count: %d
              rate_limiter { resources [ { name: 'R' count: 1 global: true } ] } } ]
            %s
            """
                .formatted(count, scheduling));
  }

  private Engine start(RateLimits.Resource... resources) {
    return Engine.start(
        EngineConfig.of(List.of(folder))
            .withControl(ModelControl.EXPLICIT, Set.of("*"))
            .withRateLimits(Optional.of(new RateLimits(List.of(resources)))),
        List.of(backend));
  }

  private static CompletableFuture<Float> ask(Engine engine, InferenceRequest request) {
    return engine.infer(request).thenApply(RateLimitTest::value);
  }

  private static CompletableFuture<Float> ask(Engine engine, String model, float x) {
    return ask(engine, InferenceRequest.of(ModelId.of(model), x(x)));
  }

  private static Tensor x(float value) {
    return Tensor.of("x", Shape.of(1, 1), new float[] {value});
  }

  private static float value(InferenceResponse response) {
    try (response) {
      return response.output("y").toFloats()[0];
    }
  }

  private void awaitRuns(int count) {
    while (backend.runs() < count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aModelWaitsForWhatAnotherHoldsAndItsBatchGoesOnFilling() {
    shared("filling", "dynamic_batching { }", 1, "add 1");
    repository.model("free", 1, "add 2");
    try (Engine engine = start()) {
      CompletableFuture<Float> held = ask(engine, "holder", 1);
      awaitRuns(1);
      List<CompletableFuture<Float>> waiting = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        waiting.add(ask(engine, "filling", i));
        assertThat(ask(engine, "free", i).join()).isEqualTo(2 + i);
      }
      assertThat(backend.runs()).isEqualTo(1 + 8);
      backend.release();
      for (int i = 0; i < 8; i++) {
        assertThat(waiting.get(i).join()).isEqualTo(1 + i);
      }
      assertThat(held.join()).isEqualTo(1);
      assertThat(statistics(engine, "filling")).isEqualTo(1);
    }
  }

  private static long statistics(Engine engine, String model) {
    return engine.statistics(Optional.of(model), OptionalLong.empty()).getFirst().executionCount();
  }

  @Test
  void sequencesWaitTooAndKeepTheirOrder() {
    shared("sums", SUMS, 2, "add 0");
    try (Engine engine = start()) {
      var _ = ask(engine, "holder", 1);
      awaitRuns(1);
      List<CompletableFuture<Float>> sums = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        sums.add(
            ask(
                engine,
                InferenceRequest.to(ModelId.of("sums"))
                    .input(x(1))
                    .sequence(new Sequence(new Sequence.Id.Number(1 + i % 4), i < 4, i >= 36))
                    .build()));
      }
      assertThat(backend.runs()).isEqualTo(1);
      backend.release();
      for (int i = 0; i < 40; i++) {
        assertThat(sums.get(i).join()).isEqualTo(1 + i / 4);
      }
    }
  }

  private static final String SUMS =
      """
      input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } ]
      output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]
      sequence_batching {
        max_sequence_idle_microseconds: 60000000
        state [ { input_name: "s" output_name: "t" data_type: TYPE_FP32 dims: [ 1 ] } ]
        oldest { max_candidate_sequences: 4 }
      }
      """;

  @Test
  void whatWaitsForAResourceExpiresAndIsGivenUpLikeAnythingElse() {
    shared(
        "impatient",
        "dynamic_batching { default_queue_policy { default_timeout_microseconds: 1000 } }",
        1,
        "add 1");
    try (Engine engine = start()) {
      var _ = ask(engine, "holder", 1);
      awaitRuns(1);
      assertThat(ask(engine, "impatient", 1))
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .withMessageContaining("Request timeout expired");
      backend.release();
    }
  }

  @Test
  void aModelIsUnloadedWhileItWaits() {
    shared("waiting", "", 3, "add 1");
    try (Engine engine = start()) {
      CompletableFuture<Float> held = ask(engine, "holder", 1);
      awaitRuns(1);
      CompletableFuture<InferenceResponse> given =
          engine.infer(InferenceRequest.of(ModelId.of("waiting"), x(1)));
      assertThat(given.cancel(true)).isTrue();
      engine.unload("waiting", false);
      while (backend.liveModels() > 1) {
        Thread.onSpinWait(); // its threads wait for nobody, and are gone before the model is
      }
      assertThat(held).isNotDone();
      backend.release();
      assertThat(held.join()).isEqualTo(1);
    }
    assertThat(backend.liveInstances()).isZero();
  }

  @Test
  void refusesToLoadWhatCouldNeverRun() {
    repository
        .model("greedy", 1, "add 1")
        .config(
            "greedy",
            "instance_group [ { kind: KIND_CPU rate_limiter { resources [ { name: 'R' count: 3 global: true } ] } } ]");
    try (Engine engine = start(new RateLimits.Resource("R", OptionalInt.empty(), 2))) {
      assertThat(engine.isReady(ModelId.of("holder"))).isTrue();
      assertThat(engine.index())
          .filteredOn(entry -> entry.model().equals("greedy"))
          .extracting(ModelIndexEntry::reason)
          .first()
          .asString()
          .contains("Resource count for \"R\" is limited to 2", "minimum required count is 3");
      backend.release();
    }
    assertThat(backend.liveModels()).isZero();
  }

  @Test
  void looksAtNoLimitsUnlessTold() {
    shared("other", "", 1, "add 1");
    try (Engine engine = Engine.start(EngineConfig.of(List.of(folder)), List.of(backend))) {
      CompletableFuture<Float> held = ask(engine, "holder", 1);
      awaitRuns(1);
      assertThat(ask(engine, "other", 1).join()).isEqualTo(2);
      backend.release();
      assertThat(held.join()).isEqualTo(1);
    }
  }
}
