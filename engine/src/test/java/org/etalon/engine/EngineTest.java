package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.Device;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();
  private FakeRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = new FakeRepository(folder);
  }

  private Engine start(ModelControl control, String... startupModels) {
    return start(control, Duration.ofSeconds(30), startupModels);
  }

  /** An engine that looks at its folders only when it is told to. */
  private Engine start(ModelControl control, Duration grace, String... startupModels) {
    return Engine.start(
        EngineConfig.of(List.of(folder))
            .withControl(control, Set.of(startupModels))
            .withPollInterval(Duration.ofDays(1))
            .withShutdownGrace(grace)
            .withDefaultMaxBatchSize(16),
        List.<Backend>of(backend));
  }

  private static float ask(Engine engine, ModelId model, float x) {
    InferenceRequest request =
        InferenceRequest.of(model, Tensor.of("x", Shape.of(1, 1), new float[] {x}));
    try (InferenceResponse response = engine.infer(request).join()) {
      return response.outputs().getFirst().toFloats()[0];
    }
  }

  private static float ask(Engine engine, String model, float x) {
    return ask(engine, ModelId.of(model), x);
  }

  private static void assertFails(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfAny(ServingException.class, CompletionException.class)
        .satisfies(thrown -> {
          Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
          assertThat(cause).hasMessage(message);
          assertThat(cause)
              .isInstanceOfSatisfying(
                  ServingException.class, e -> assertThat(e.code()).isEqualTo(code));
        });
  }

  private static List<String> index(Engine engine) {
    return engine.index().stream()
        .map(entry ->
            entry.model()
                + (entry.version().isPresent() ? "/" + entry.version().getAsLong() : "")
                + " "
                + entry.state()
                + (entry.reason().isEmpty() ? "" : " " + entry.reason()))
        .toList();
  }

  /** Two looks, after which a change counts. */
  private static void lookTwice(Engine engine) {
    engine.look().join();
    engine.look().join();
  }

  @Test
  void servesTheHighestVersionOrTheOneNamed() {
    repository.model("m", 1, "add 1").model("m", 2, "add 2").model("m", 10, "add 10");
    repository.config("m", "version_policy { all { } }");
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(ask(engine, "m", 0)).isEqualTo(10);
      assertThat(ask(engine, ModelId.of("m", 1), 0)).isEqualTo(1);
      assertThat(engine.metadata(ModelId.of("m")).versions()).containsExactly(1L, 2L, 10L);
      assertThat(engine.isReady()).isTrue();
    }
    assertThat(backend.liveModels()).isZero();
    assertThat(backend.liveInstances()).isZero();
    assertThat(backend.isClosed()).isTrue();
  }

  @Test
  void placesInstancesAsTheEngineIsToldInPlaceOfTheConfiguration() {
    repository.model("m", 1, "add 1").config("m", "instance_group { count: 3 kind: KIND_CPU }");
    EngineConfig config =
        EngineConfig.of(List.of(folder)).withPlacement(List.of(Device.CPU, Device.CPU));
    try (Engine engine = Engine.start(config, List.<Backend>of(backend))) {
      assertThat(engine.instances())
          .extracting(InstanceStatus::device)
          .containsExactly(Device.CPU, Device.CPU);
      assertThat(ask(engine, "m", 1)).isEqualTo(2);
    }
  }

  @Test
  void batchesAModelWithoutConfigurationUpToItsDefault() {
    repository.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.NONE)) {
      ModelConfig config = engine.config(ModelId.of("m"));

      assertThat(config.getMaxBatchSize()).isEqualTo(16);
      assertThat(config.hasDynamicBatching()).isTrue();
      assertThat(config.getDynamicBatching().getMaxQueueDelayMicroseconds()).isZero();
      assertThat(config.getName()).isEqualTo("m");
      assertThat(config.getBackend()).isEqualTo("fake");
      assertThat(config.getPlatform()).isEqualTo("fake_model");
      assertThat(config.getInstanceGroup(0).getName()).isEqualTo("m_0");
      assertThat(config.getVersionPolicy().getLatest().getNumVersions()).isEqualTo(1);
      assertThat(engine.metadata(ModelId.of("m")).inputs().getFirst().shape())
          .containsExactly(-1L, -1L);
    }
  }

  @Test
  void leavesTheBatchOfAFixedOrDescribedModelAlone() {
    repository.model("fixed", 1, "fixed");
    repository.model("described", 1, "add 1");
    repository.config(
        "described",
        """
        input { name: "x" data_type: TYPE_FP32 dims: [ -1, -1 ] }
        output { name: "y" data_type: TYPE_FP32 dims: [ -1, -1 ] }
        """);
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(engine.config(ModelId.of("fixed")).getMaxBatchSize()).isZero();
      assertThat(engine.config(ModelId.of("described")).getMaxBatchSize()).isZero();
      assertThat(engine.config(ModelId.of("described")).hasDynamicBatching()).isFalse();
      assertThat(ask(engine, "described", 2)).isEqualTo(3);
    }
  }

  @Test
  void saysWhatIsNotThereInTheProtocolsWords() {
    repository.model("m", 1, "add 1").model("bad", 1, "crash on load");
    try (Engine engine = start(ModelControl.NONE)) {
      assertFails(
          () -> ask(engine, "x", 0),
          ErrorCode.NOT_FOUND,
          "Request for unknown model: 'x' is not found");
      assertFails(
          () -> ask(engine, ModelId.of("m", 9), 0),
          ErrorCode.NOT_FOUND,
          "Request for unknown model: 'm' version 9 is not found");
      assertFails(
          () -> ask(engine, "bad", 0),
          ErrorCode.UNAVAILABLE,
          "Request for unknown model: 'bad' has no available versions");
      assertFails(
          () -> engine.metadata(ModelId.of("x")),
          ErrorCode.NOT_FOUND,
          "Request for unknown model: 'x' is not found");
      assertThat(engine.isReady(ModelId.of("m"))).isTrue();
      assertThat(engine.isReady(ModelId.of("m", 9))).isFalse();
      assertThat(engine.isReady(ModelId.of("bad"))).isFalse();
      assertThat(engine.isReady(ModelId.of("x"))).isFalse();
    }
  }

  @Test
  void isReadyWhateverItsModelsAreWhereReadinessIsNotStrict() {
    repository.model("crashing", 1, "crash on load");
    EngineConfig config = EngineConfig.of(List.of(repository.folder())).withLoaderThreads(1);
    for (boolean isStrict : new boolean[] {true, false}) {
      try (Engine engine = Engine.start(config.withStrictReadiness(isStrict), List.of(backend))) {
        assertThat(engine.isReady()).isEqualTo(!isStrict);
        assertThat(engine.isReady(ModelId.of("crashing"))).isFalse();
      }
    }
  }

  @Test
  void goesOnWithTheOthersWhenAModelIsBad() {
    repository.model("good", 1, "add 1").model("crashing", 1, "crash on load");
    repository.model("instance", 1, "crash on instance").model("empty", 1);
    repository.model("unknown", 1, "add 1").config("unknown", "backend: 'other'");
    repository.file("none", "README", "no version");
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(ask(engine, "good", 1)).isEqualTo(2);
      assertThat(engine.isReady()).isFalse();
      assertThat(index(engine))
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .isEqualTo(
                          "crashing/1 UNAVAILABLE java.lang.IllegalStateException: crashed on load,"
                              + " as ordered"),
              line ->
                  assertThat(line)
                      .isEqualTo("empty/1 UNAVAILABLE model.fake is empty (expected: orders)"),
              line -> assertThat(line).isEqualTo("good/1 READY"),
              line ->
                  assertThat(line)
                      .startsWith("instance/1 UNAVAILABLE")
                      .contains("crashed on instance"),
              line ->
                  assertThat(line)
                      .isEqualTo("none UNAVAILABLE failed to load 'none', no version is available"),
              line ->
                  assertThat(line)
                      .startsWith("unknown/1 UNAVAILABLE")
                      .contains("backend 'other' is not installed"));
      assertThat(backend.liveModels()).isEqualTo(1);
    }
  }

  @Test
  void reportsAllFaultsOfAConfiguration() {
    repository.model("m", 1, "add 1");
    repository.config("m", "max_batchsize: 4\ninput { name: x }\nname: 'other'\n");
    try (Engine engine = start(ModelControl.NONE)) {
      Path file = repository.path("m").toAbsolutePath().resolve("config.pbtxt");

      assertThat(index(engine))
          .singleElement()
          .asString()
          .startsWith("m UNAVAILABLE load failed for model 'm': " + file + ":1:1: unknown field")
          .contains("\n" + file + ":2:15: 'name' is 'x'")
          .contains("\n" + file + ":3:1: name: 'other'");
    }
  }

  @Test
  void refusesBothOfTwoModelsOfOneName() {
    FakeRepository one = new FakeRepository(folder.resolve("one")).model("m", 1, "add 1");
    FakeRepository two = new FakeRepository(folder.resolve("two")).model("m", 1, "add 2");
    two.model("other", 1, "add 3");
    EngineConfig config = EngineConfig.of(List.of(one.folder(), two.folder()));
    try (Engine engine = Engine.start(config, List.of(backend))) {
      assertThat(index(engine).getFirst())
          .startsWith("m UNAVAILABLE model 'm' is in several repositories")
          .contains(one.path("m").toString(), two.path("m").toString());
      assertThat(ask(engine, "other", 0)).isEqualTo(3);
    }
  }

  @Test
  void cannotStartOnARepositoryThatIsNotThere() {
    EngineConfig config = EngineConfig.of(List.of(folder.resolve("absent")));

    assertThatThrownBy(() -> Engine.start(config, List.of(backend)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("absent");
  }

  @Test
  void loadsAndUnloadsOnlyByRequestInExplicitControl() {
    repository.model("a", 1, "add 1").model("b", 1, "add 2");
    try (Engine engine = start(ModelControl.EXPLICIT, "a")) {
      assertThat(index(engine)).containsExactly("a/1 READY", "b UNKNOWN");
      assertThat(engine.isReady()).isTrue();
      assertFails(
          () -> ask(engine, "b", 0),
          ErrorCode.NOT_FOUND,
          "Request for unknown model: 'b' is not found");

      engine.load("b").join();
      assertThat(ask(engine, "b", 0)).isEqualTo(2);

      engine.unload("a", false);
      engine.load("b").join(); // nothing changed: stays as it is
      assertThat(backend.loads()).isEqualTo(2);
      assertFails(
          () -> {
            while (true) {
              ask(engine, "a", 0);
            }
          },
          ErrorCode.UNAVAILABLE,
          "Request for unknown model: 'a' has no available versions");
      assertThat(engine.isReady()).isTrue();
    }
  }

  @Test
  void loadsAllAtStartInExplicitControlIfAskedTo() {
    repository.model("a", 1, "add 1").model("b", 1, "add 2");
    try (Engine engine = start(ModelControl.EXPLICIT, "*")) {
      assertThat(index(engine)).containsExactly("a/1 READY", "b/1 READY");
    }
  }

  @Test
  void givesMemoryBackOnUnloadAndForgetsStatistics() {
    repository.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.EXPLICIT, "m")) {
      ask(engine, "m", 1);
      engine.unload("m", true);
      engine.unload("m", true); // unloading what is unloaded is no fault
      engine.load("m").join();
      assertThat(engine.statistics(Optional.of("m"), OptionalLong.empty()))
          .singleElement()
          .satisfies(statistics -> assertThat(statistics.inferenceCount()).isZero());
      engine.unload("m", false);
    }
    assertThat(backend.loads()).isEqualTo(2);
    assertThat(backend.liveModels()).isZero();
  }

  @Test
  void saysWhyALoadFailsInTheProtocolsWords() {
    repository.model("m", 1, "crash on load");
    try (Engine engine = start(ModelControl.EXPLICIT)) {
      assertFails(
          () -> engine.load("absent").join(),
          ErrorCode.INTERNAL,
          "failed to load 'absent', failed to poll from model repository");
      assertFails(
          () -> engine.load("m").join(),
          ErrorCode.INVALID_ARGUMENT,
          "load failed for model 'm': version 1 is at UNAVAILABLE state:"
              + " java.lang.IllegalStateException: crashed on load, as ordered;");
      assertFails(
          () -> engine.load("").join(),
          ErrorCode.INVALID_ARGUMENT,
          "Model name cannot be empty. Please enter a valid name to deploy.");
      assertThatThrownBy(() -> engine.load("../m").join())
          .hasMessageContaining("model name must not contain path traversal characters");
      assertFails(
          () -> engine.unload("absent", false),
          ErrorCode.NOT_FOUND,
          "Request for unknown model: 'absent' is not found");

      repository.model("m", 1, "add 1");
      engine.load("m").join();
      assertThat(ask(engine, "m", 1)).isEqualTo(2);
      assertThat(index(engine)).containsExactly("m/1 READY");
    }
  }

  @Test
  void refusesLoadAndUnloadUnlessControlIsExplicit() {
    repository.model("m", 1, "add 1");
    String message = "explicit model load / unload is not allowed if polling is enabled";
    for (ModelControl control : List.of(ModelControl.NONE, ModelControl.POLL)) {
      try (Engine engine = start(control)) {
        assertFails(() -> engine.load("m").join(), ErrorCode.UNAVAILABLE, message);
        assertFails(() -> engine.unload("m", false), ErrorCode.UNAVAILABLE, message);
      }
    }
  }

  @Test
  void keepsTheOldVersionWhenItsReplacementFails() {
    repository.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.EXPLICIT, "m")) {
      repository.model("m", 2); // truncated
      assertThatThrownBy(() -> engine.load("m").join())
          .hasMessageContaining("version 2 is at UNAVAILABLE state: model.fake is empty");
      assertThat(ask(engine, "m", 0)).isEqualTo(1);
      assertThat(index(engine))
          .containsExactly("m/1 READY", "m/2 UNAVAILABLE model.fake is empty (expected: orders)");
      assertThat(engine.isReady()).isTrue();

      repository.model("m", 2, "add 2");
      engine.load("m").join();
      assertThat(ask(engine, "m", 0)).isEqualTo(2);
    }
  }

  @Test
  void keepsAVersionWhoseFilesHaveGoneBadAndSaysSo() {
    repository.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.EXPLICIT, "m")) {
      repository.model("m", 1);
      assertThatThrownBy(() -> engine.load("m").join()).hasMessageContaining("is empty");
      assertThat(index(engine)).containsExactly("m/1 READY model.fake is empty (expected: orders)");

      repository.config("m", "nmae: 'm'");
      assertThatThrownBy(() -> engine.load("m").join()).hasMessageContaining("did you mean 'name'");
      assertThat(index(engine)).singleElement().asString().contains("did you mean 'name'");
      assertThat(ask(engine, "m", 0)).isEqualTo(1);
    }
  }

  @Test
  void refusesAVersionThatMissesItsReference() {
    repository.model("m", 1, "add 1").reference("m", "input", 1, 2).reference("m", "output", 2, 3);
    try (Engine engine = start(ModelControl.EXPLICIT, "m")) {
      assertThat(engine.statistics(Optional.empty(), OptionalLong.empty()).getFirst().success())
          .isEqualTo(new ModelStatistics.Total(0, 0));

      repository.model("m", 2, "add 1.5");
      assertThatThrownBy(() -> engine.load("m").join())
          .hasMessageContaining(
              "reference output 'y', row 0, element 0: 2.5 (expected: 2.0, tolerance 1.0E-4)");
      assertThat(ask(engine, "m", 0)).isEqualTo(1);
      assertThat(backend.liveModels()).isEqualTo(1);
    }
  }

  @Test
  void saysWhichSpecificVersionIsMissing() {
    repository
        .model("m", 1, "add 1")
        .config("m", "version_policy { specific { versions: [1, 3] } }");
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(ask(engine, "m", 0)).isEqualTo(1);
      assertThat(index(engine).get(1)).startsWith("m/3 UNAVAILABLE there is no folder '3' in");
    }
  }

  @Test
  void followsTheRepositoryOnceTwoLooksHaveSeenTheSame() {
    repository.model("a", 1, "add 1");
    try (Engine engine = start(ModelControl.POLL)) {
      repository.model("a", 2, "add"); // a copy in progress
      engine.look().join();
      repository.model("a", 2, "add 2");
      engine.look().join();
      assertThat(backend.loads()).isEqualTo(1);
      assertThat(ask(engine, "a", 0)).isEqualTo(1);

      engine.look().join();
      assertThat(ask(engine, "a", 0)).isEqualTo(2);

      repository.model("b", 1, "add 3");
      lookTwice(engine);
      assertThat(ask(engine, "b", 0)).isEqualTo(3);

      repository.delete("a");
      lookTwice(engine);
      assertFails(
          () -> ask(engine, "a", 0),
          ErrorCode.UNAVAILABLE,
          "Request for unknown model: 'a' has no available versions");
      assertThat(index(engine))
          .containsExactly("a/1 UNAVAILABLE unloaded", "a/2 UNAVAILABLE unloaded", "b/1 READY");
    }
  }

  @Test
  void triesAFailedLoadAgainOnlyWhenItsFilesChange() {
    repository.model("m", 1, "crash on load");
    try (Engine engine = start(ModelControl.POLL)) {
      lookTwice(engine);
      lookTwice(engine);
      assertThat(backend.loads()).isEqualTo(1);

      repository.model("m", 1, "add 1");
      lookTwice(engine);
      assertThat(ask(engine, "m", 0)).isEqualTo(1);
    }
  }

  @Test
  void keepsServingWhenASecondModelOfItsNameAppears() {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    new FakeRepository(one).model("m", 1, "add 1");
    FakeRepository second = new FakeRepository(two).model("other", 1, "add 1");
    EngineConfig config =
        EngineConfig.of(List.of(one, two))
            .withControl(ModelControl.POLL, Set.of())
            .withPollInterval(Duration.ofDays(1));
    try (Engine engine = Engine.start(config, List.of(backend))) {
      second.model("m", 1, "add 2");
      lookTwice(engine);
      lookTwice(engine);
      assertThat(index(engine).getFirst()).startsWith("m/1 READY model 'm' is in several");
      assertThat(ask(engine, "m", 0)).isEqualTo(1);

      second.delete("m");
      lookTwice(engine);
      assertThat(index(engine).getFirst()).isEqualTo("m/1 READY");
      assertThat(backend.loads()).isEqualTo(2);
    }
  }

  @Test
  void unloadsNothingWhenARepositoryCannotBeRead() {
    repository.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.POLL)) {
      repository.delete("");
      assertThatThrownBy(engine::look).isInstanceOf(ServingException.class);
      assertThatThrownBy(engine::look).isInstanceOf(ServingException.class);
      assertThat(ask(engine, "m", 0)).isEqualTo(1);
    }
  }

  @Test
  void givesUpARequestOnlyAfterTheEngineHasLetGo() {
    repository.model("m", 1, "hold");
    try (Engine engine = start(ModelControl.NONE)) {
      InferenceRequest request =
          InferenceRequest.of(ModelId.of("m"), Tensor.of("x", Shape.of(16, 1), new float[16]));
      CompletableFuture<InferenceResponse> running = engine.infer(request);
      awaitRuns(1);
      CompletableFuture<InferenceResponse> waiting = engine.infer(request);

      assertThat(waiting.cancel(true)).isTrue();
      assertThatThrownBy(waiting::join)
          .cause()
          .isInstanceOfSatisfying(
              ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
      assertThat(running.cancel(true)).isFalse();
      assertThat(running.isDone()).isFalse();

      backend.release();
      running.join().close();
      assertThat(running.cancel(true)).isFalse();
    }
  }

  private void awaitRuns(int runs) {
    while (backend.runs() < runs) {
      Thread.onSpinWait();
    }
  }

  @Test
  void finishesRequestsInFlightBeforeItCloses() {
    repository.model("m", 1, "hold");
    Engine engine = start(ModelControl.EXPLICIT, "m");
    CompletableFuture<InferenceResponse> answer =
        engine.infer(
            InferenceRequest.of(ModelId.of("m"), Tensor.of("x", Shape.of(1, 1), new float[1])));
    CompletableFuture<Void> drained = engine.drain();

    assertThat(engine.isReady()).isFalse();
    assertThat(engine.isLive()).isTrue();
    assertThat(drained).isNotDone();
    assertFails(() -> ask(engine, "m", 0), ErrorCode.UNAVAILABLE, "the service is shutting down");
    assertFails(
        () -> engine.load("m").join(), ErrorCode.UNAVAILABLE, "the service is shutting down");

    backend.release();
    drained.join();
    answer.join().close();
    engine.close();
    engine.close();
    assertThat(engine.isLive()).isFalse();
    assertThat(backend.liveModels()).isZero();
    assertThat(backend.liveInstances()).isZero();
  }

  @Test
  void failsWhatStillWaitsWhenTheGraceTimeIsOver() {
    repository.model("m", 1, "hold");
    Engine engine = start(ModelControl.NONE, Duration.ZERO);
    InferenceRequest request =
        InferenceRequest.of(ModelId.of("m"), Tensor.of("x", Shape.of(16, 1), new float[16]));
    CompletableFuture<InferenceResponse> running = engine.infer(request);
    awaitRuns(1);
    CompletableFuture<InferenceResponse> waiting = engine.infer(request);

    engine.close();
    assertThatThrownBy(waiting::join)
        .cause()
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(backend.isClosed()).isFalse(); // a model still runs in it
    backend.release();
    running.join().close();
  }

  @Test
  void tellsStatisticsOfAllModelsOneModelOrOneVersion() {
    repository.model("a", 1, "add 1").model("b", 1, "add 1").model("b", 2, "add 2");
    repository.config("b", "version_policy { all { } }");
    try (Engine engine = start(ModelControl.NONE)) {
      ask(engine, "b", 1);

      assertThat(engine.statistics(Optional.empty(), OptionalLong.empty())).hasSize(3);
      assertThat(engine.statistics(Optional.of("b"), OptionalLong.empty()))
          .extracting(ModelStatistics::version)
          .containsExactly(1L, 2L);
      assertThat(engine.statistics(Optional.of("b"), OptionalLong.of(2))).hasSize(1);
      assertFails(
          () -> engine.statistics(Optional.of("x"), OptionalLong.empty()),
          ErrorCode.INVALID_ARGUMENT,
          "requested model 'x' is not available");
    }
  }
}
