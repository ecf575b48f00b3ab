package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineCanaryTest {
  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();

  private FakeRepository repository() {
    return new FakeRepository(folder).model("m", 1, "add 1");
  }

  private Engine start() {
    EngineConfig config =
        EngineConfig.of(List.of(folder))
            .withControl(ModelControl.EXPLICIT, Set.of("m"))
            .withPollInterval(Duration.ofDays(1));
    return Engine.start(config, List.of(backend));
  }

  private static String canary(double share) {
    return "version=2\nshare=" + share + "\n";
  }

  private static String limit(String name, String value) {
    return "parameters { key: \"promotion.%s\" value { string_value: \"%s\" } }\n"
        .formatted(name, value);
  }

  /** What 1 becomes, and by which version. */
  private static String ask(Engine engine, ModelId id) {
    Tensor one = Tensor.of("x", Shape.of(1, 1), new float[] {1});
    try (InferenceResponse response = engine.infer(InferenceRequest.of(id, one)).join()) {
      return "%s by %d".formatted(response.output("y").toFloats()[0], response.modelVersion());
    }
  }

  private static Map<String, Integer> ask(Engine engine, int times) {
    Map<String, Integer> answers = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      answers.merge(ask(engine, ModelId.of("m")), 1, Integer::sum);
    }
    return answers;
  }

  private static ModelIndexEntry second(Engine engine) {
    return engine.index().stream()
        .filter(entry -> entry.version().equals(OptionalLong.of(2)))
        .findFirst()
        .orElseThrow();
  }

  /** Loads again, which comes after what is being done to the model. */
  private static void requireTakenBack(Engine engine, String reason) {
    assertThatThrownBy(() -> engine.load("m").join())
        .hasMessageContaining("canary failed: " + reason);
    assertThat(second(engine).state()).isEqualTo(State.UNAVAILABLE);
    assertThat(second(engine).reason()).startsWith("canary failed: " + reason);
    assertThat(engine.metadata(ModelId.of("m")).versions()).containsExactly(1L);
    assertThat(engine.isReady()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.25, 0.5})
  void givesACanaryItsShareAndTheRestToProduction(double share) {
    repository().model("m", 2, "add 2").file("m", "canary.properties", canary(share));
    try (Engine engine = start()) {
      int given = (int) Math.round(share * 200);

      assertThat(ask(engine, 200))
          .containsEntry("2.0 by 1", 200 - given)
          .containsEntry("3.0 by 2", given);
      assertThat(second(engine).state()).isEqualTo(State.READY);
      assertThat(second(engine).reason()).contains("canary: " + share).contains(given + " so far");
      assertThat(ask(engine, ModelId.of("m", 1))).isEqualTo("2.0 by 1");
      assertThat(ask(engine, ModelId.of("m", 2))).isEqualTo("3.0 by 2");
    }
    assertThat(backend.liveModels()).isZero();
    assertThat(backend.liveInstances()).isZero();
  }

  @Test
  void takesTheCanaryForTheLatestOnceItIsNoneAndLoadsNothingAnew() {
    FakeRepository repository =
        repository().model("m", 2, "add 2").file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      repository.delete("m/canary.properties");
      engine.load("m").join();

      assertThat(ask(engine, 10)).containsExactly(Map.entry("3.0 by 2", 10));
      assertThat(second(engine).reason()).isEmpty();
      assertThat(backend.loads()).isEqualTo(2);
    }
  }

  @Test
  void losesNoRequestToACanaryThatFailsAndTakesItBack() {
    repository().model("m", 2, "fail").file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      assertThat(ask(engine, 100)).containsExactly(Map.entry("2.0 by 1", 100));
      requireTakenBack(engine, "errors: 2 of 2 above 0.0");
    }
    assertThat(backend.liveModels()).isZero();
    assertThat(backend.liveInstances()).isZero();
  }

  @Test
  void sendsNoScoreThatIsTooFarOffAndTakesTheCanaryBack() {
    repository()
        .config("m", limit("max_shift", "0.5"))
        .model("m", 2, "add 2")
        .file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      assertThat(ask(engine, 20)).containsExactly(Map.entry("2.0 by 1", 20));
      requireTakenBack(engine, "score shift, greatest: 1 of 1 above 0.5, the greatest 1");
    }
    assertThat(backend.liveModels()).isZero();
  }

  @Test
  void letsScoresPassThatAreNearEnough() {
    repository()
        .config("m", limit("max_shift", "0.5") + limit("p99_shift", "0.5"))
        .model("m", 2, "add 1.25")
        .file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      assertThat(ask(engine, 20)).containsEntry("2.0 by 1", 10).containsEntry("2.25 by 2", 10);
    }
    assertThat(backend.liveModels()).isZero();
  }

  @Test
  void takesACanaryBackThatIsTooSlow() {
    repository()
        .config("m", limit("canary_p99_ms", "0"))
        .model("m", 2, "add 2")
        .file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      assertThat(ask(engine, 10)).containsEntry("3.0 by 2", 2);
      requireTakenBack(engine, "latency p99, ms: 2 of 2 above 0.0");
    }
  }

  @Test
  void blamesNoCanaryForRequestsThatProductionRefusesToo() {
    repository().model("m", 2, "add 2").file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      Tensor wrong = Tensor.of("z", Shape.of(1, 1), new float[] {1});
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> engine.infer(InferenceRequest.of(ModelId.of("m"), wrong)).join())
            .hasMessageContaining("z");
      }
      assertThat(second(engine).state()).isEqualTo(State.READY);
    }
  }

  @Test
  void triesATakenBackVersionAgainOnceItHasChanged() {
    FakeRepository repository =
        repository().model("m", 2, "fail").file("m", "canary.properties", canary(0.5));
    try (Engine engine = start()) {
      ask(engine, 10);
      requireTakenBack(engine, "errors");

      repository.model("m", 2, "add 2");
      engine.load("m").join();
      assertThat(ask(engine, 10)).containsEntry("3.0 by 2", 5);
    }
  }

  @Test
  void ignoresACanaryThatIsTheOnlyVersionOrNotThere() {
    repository().file("m", "canary.properties", "version=1\nshare=0.5\n");
    try (Engine engine = start()) {
      assertThat(ask(engine, 4)).containsExactly(Map.entry("2.0 by 1", 4));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "version=2",
        "version=x\nshare=0.5",
        "version=2\nshare=1",
        "version=2\nshare=much"
      })
  void servesOnWhereTheFileSaysSomethingElse(String text) {
    FakeRepository repository = repository();
    try (Engine engine = start()) {
      repository.model("m", 2, "add 2").file("m", "canary.properties", text);

      assertThatThrownBy(() -> engine.load("m").join())
          .hasMessageContaining("canary.properties")
          .hasMessageContaining("expected: version=NUMBER");
      assertThat(ask(engine, 2)).containsExactly(Map.entry("2.0 by 1", 2));
    }
  }
}
