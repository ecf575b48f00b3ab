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
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.status.ModelIndexEntry.State;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ensembles as a repository has them: {@code e} adds 1, then 10. */
class EngineEnsembleTest {
  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();
  private FakeRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = new FakeRepository(folder).model("one", 1, "add 1").model("ten", 1, "add 10");
    repository.ensemble("e", "one", "ten");
  }

  private Engine start(ModelControl control, String... startupModels) {
    return Engine.start(
        EngineConfig.of(List.of(folder))
            .withControl(control, Set.of(startupModels))
            .withPollInterval(Duration.ofDays(1)),
        List.of(backend));
  }

  private static CompletableFuture<Float> askLater(Engine engine, String model, float x) {
    return engine
        .infer(
            InferenceRequest.of(ModelId.of(model), Tensor.of("x", Shape.of(1, 1), new float[] {x})))
        .thenApply(EngineEnsembleTest::value);
  }

  private static float value(InferenceResponse response) {
    try (response) {
      return response.output("y").toFloats()[0];
    }
  }

  private static float ask(Engine engine, String model, float x) {
    return askLater(engine, model, x).join();
  }

  private static void unload(Engine engine, String model, boolean withDependents) {
    engine.unload(model, withDependents);
    awaitUnloaded(engine, model);
  }

  private static void awaitUnloaded(Engine engine, String model) {
    while (!reason(engine, model).equals("unloaded")) {
      Thread.onSpinWait();
    }
  }

  private static ModelIndexEntry index(Engine engine, String model) {
    return engine.index().stream()
        .filter(entry -> entry.model().equals(model))
        .findFirst()
        .orElseThrow();
  }

  private static String reason(Engine engine, String model) {
    return index(engine, model).reason();
  }

  @Test
  void runsTheStepsOneBehindTheOther() {
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(ask(engine, "e", 5)).isEqualTo(16);
      assertThat(engine.isReady()).isTrue();
      assertThat(engine.metadata(ModelId.of("e")).platform()).isEqualTo("ensemble");
      assertThat(engine.config(ModelId.of("e")).getInstanceGroupList()).isEmpty();
      var statistics = engine.statistics(Optional.of("e"), OptionalLong.empty()).getFirst();
      assertThat(statistics.success().count()).isEqualTo(1);
      assertThat(statistics.computeInfer().count()).isZero();
    }
    assertThat(backend.liveModels()).isZero();
  }

  @Test
  void servesEnsemblesOfEnsembles() {
    repository.ensemble("a", "e", "z");
    repository.ensemble("z", "ten", "e");
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(ask(engine, "a", 0)).isEqualTo(32);
    }
  }

  @Test
  void refusesEnsemblesThatContainEachOther() {
    repository.ensemble("a", "one", "b");
    repository.ensemble("b", "a", "ten");
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(reason(engine, "a") + reason(engine, "b"))
          .contains("ensembles contain each other");
      assertThat(ask(engine, "e", 0)).isEqualTo(11);
    }
  }

  @Test
  void tellsEveryFaultOfAGraphAtOnce() {
    repository.config(
        "e",
        """
        name: "e"
        backend: "onnxruntime"
        max_batch_size: 4
        input [ { name: "x" data_type: TYPE_FP32 dims: [ -1 ] },
                { name: "idle" data_type: TYPE_FP32 dims: [ -1 ] } ]
        output [ { name: "y" data_type: TYPE_FP32 dims: [ -1 ] } ]
        instance_group [ { count: 1 } ]
        ensemble_scheduling {
          step [
            { model_name: "one" input_map { key: "x" value: "xx" } output_map { key: "y" value: "t" } },
            { model_name: "e" input_map { key: "x" value: "v" } output_map { key: "y" value: "u" } },
            { model_name: "one" input_map { key: "x" value: "u" } output_map { key: "y" value: "v" } },
            { model_version: -3 output_map { key: "y" value: "v" } output_map { key: "z" value: "x" } }
          ]
        }
        """);
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(reason(engine, "e"))
          .contains(
              "backend: 'onnxruntime' beside ensemble_scheduling",
              "instance_group: given for an ensemble",
              "step[0].input_map[\"x\"]: 'xx' is neither an input of the ensemble nor given by a step",
              "(nearest: 'x')",
              "step[0].output_map: 't' is used by no step and is no output",
              "step[1].model_name: 'e' is this ensemble",
              "steps [1, 2] need each other's outputs",
              "step[3].model_name: not given",
              "step[3].model_version: -3",
              "step[3].input_map: none",
              "'v' is given by step 2 too",
              "'x' is an input of the ensemble",
              "input[0].name: 'x' is not used by any step",
              "input[1].name: 'idle' is not used by any step",
              "output[0].name: 'y' is given by no step");
    }
  }

  @Test
  void loadsMembersWithTheirEnsembleAndUnloadsThemWithIt() {
    try (Engine engine = start(ModelControl.EXPLICIT)) {
      engine.load("ten").join();
      engine.load("e").join();
      assertThat(ask(engine, "e", 5)).isEqualTo(16);
      assertThat(ask(engine, "one", 5)).isEqualTo(6);
      unload(engine, "e", true);
      awaitUnloaded(engine, "one");
      assertThat(ask(engine, "ten", 5)).isEqualTo(15);
      engine.load("e").join();
      unload(engine, "e", false);
      assertThat(ask(engine, "one", 5)).isEqualTo(6);
    }
  }

  @Test
  void keepsMembersThatAnotherEnsembleNeeds() {
    repository.ensemble("other", "one", "one");
    try (Engine engine = start(ModelControl.EXPLICIT, "e", "other")) {
      unload(engine, "e", true);
      awaitUnloaded(engine, "ten");
      assertThat(ask(engine, "other", 5)).isEqualTo(7);
      assertThat(ask(engine, "one", 5)).isEqualTo(6);
    }
  }

  @Test
  void isNotReadyWhileAMemberIsGone() {
    try (Engine engine = start(ModelControl.EXPLICIT, "e")) {
      unload(engine, "one", false);
      assertThatThrownBy(() -> ask(engine, "e", 5))
          .hasMessageContaining("ensemble 'e' is not available: step 0 (one)");
      assertThat(index(engine, "e").state()).isEqualTo(State.UNAVAILABLE);
      assertThat(reason(engine, "e")).contains("step 0 (one)");
      assertThat(engine.isReady(ModelId.of("e"))).isFalse();
      assertThat(engine.isReady()).isFalse();
      engine.load("one").join();
      assertThat(ask(engine, "e", 5)).isEqualTo(16);
      assertThat(engine.isReady()).isTrue();
    }
  }

  @Test
  void isNotLoadedWithoutAMember() {
    repository.model("one", 1, "crash on load");
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(reason(engine, "e")).contains("step 0 (one)", "remedy: load what is missing");
      assertThat(ask(engine, "ten", 5)).isEqualTo(15);
      assertThat(engine.isReady()).isFalse();
    }
  }

  @Test
  void usesAMembersNewVersionFromTheNextRequestOn() {
    try (Engine engine = start(ModelControl.EXPLICIT, "e")) {
      repository.model("one", 2, "add 2");
      engine.load("one").join();
      assertThat(ask(engine, "e", 5)).isEqualTo(17);
    }
  }

  @Test
  void isTriedAgainWhenItsMemberIsMended() {
    repository.model("one", 1, "crash on load");
    try (Engine engine = start(ModelControl.EXPLICIT, "e")) {
      repository.model("one", 1, "add 1");
      engine.load("e").join();
      assertThat(ask(engine, "e", 5)).isEqualTo(16);
    }
  }

  @Test
  void isTriedAgainByThePollerWhenItsMemberIsMended() {
    repository.model("one", 1, "crash on load");
    try (Engine engine = start(ModelControl.POLL)) {
      assertThat(engine.isReady(ModelId.of("e"))).isFalse();
      repository.model("one", 1, "add 1");
      engine.look().join();
      engine.look().join(); // a change counts once it has been seen twice
      assertThat(ask(engine, "e", 5)).isEqualTo(16);
    }
  }

  @Test
  void comparesWithTheReferenceOfTheEnsemble() {
    repository.reference("e", "input", 0, 1, 2, 3, 4).reference("e", "output", 11, 12, 13, 14, 15);
    repository.ensemble("wrong", "one", "ten");
    repository.reference("wrong", "input", 0, 1).reference("wrong", "output", 11, 13);
    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(ask(engine, "e", 5)).isEqualTo(16);
      assertThat(reason(engine, "wrong"))
          .isEqualTo(
              "reference output 'y', row 1, element 0: 12.0 (expected: 13.0, tolerance 1.0E-4)");
    }
  }

  @Test
  void answersWhatIsUnderWayBeforeItEnds() {
    repository.model("one", 1, "hold").config("one", "max_batch_size: 4");
    Engine engine = start(ModelControl.NONE);
    CompletableFuture<Float> answer = askLater(engine, "e", 5);
    CompletableFuture<Void> drained = engine.drain();
    assertThat(drained).isNotDone();
    assertThatThrownBy(() -> ask(engine, "e", 5)).hasMessageContaining("shutting down");
    backend.release();
    assertThat(answer.join()).isEqualTo(15);
    engine.close();
    assertThat(backend.liveModels()).isZero();
  }
}
