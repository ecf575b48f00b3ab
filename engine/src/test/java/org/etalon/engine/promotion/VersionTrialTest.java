package org.etalon.engine.promotion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.etalon.engine.repository.StagedVersion;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionTrialTest {
  private final Path from;
  private final Path to;
  private final FakeRepository development;
  private final FakeRepository production;

  VersionTrialTest(@TempDir Path folder) throws IOException {
    from = Files.createDirectory(folder.resolve("development"));
    to = Files.createDirectory(folder.resolve("production"));
    development = new FakeRepository(from).model("m", 2, "add 2");
    development.reference("m", "input", 1, 5).reference("m", "output_v2", 3, 7);
    production = new FakeRepository(to).model("m", 1, "add 1");
    production.reference("m", "input", 1, 5).reference("m", "output_v1", 2, 6);
  }

  private StagedVersion stage() throws IOException {
    return StagedVersion.copy(from, to, "m", OptionalLong.empty());
  }

  private List<Check> run() throws IOException {
    try (StagedVersion staged = stage()) {
      return VersionTrial.run(staged, () -> List.of(new FakeBackend()));
    }
  }

  private void limit(String name, String value) {
    production.config(
        "m",
        "parameters { key: \"promotion.%s\" value { string_value: \"%s\" } }"
            .formatted(name, value));
  }

  private List<String> target() throws IOException {
    try (Stream<Path> paths = Files.walk(to)) {
      return paths.map(path -> to.relativize(path).toString()).sorted().toList();
    }
  }

  @Test
  void putsAVersionThatPassesInPlaceWithTheOutputsItWasComparedWith() throws IOException {
    try (StagedVersion staged = stage()) {
      assertThat(VersionTrial.run(staged, () -> List.of(new FakeBackend())))
          .allMatch(Check::isPassed)
          .extracting(Check::name)
          .containsExactly("load and reference", "limits");
      staged.publish();
    }

    assertThat(target())
        .containsExactly(
            "",
            "m",
            "m/1",
            "m/1/model.fake",
            "m/2",
            "m/2/model.fake",
            "m/reference",
            "m/reference/input.npy",
            "m/reference/output_v1.npy",
            "m/reference/output_v2.npy");
  }

  @Test
  void bringsAModelThatIsNotThereWithAllItsFiles() throws IOException {
    development.file("m", "labels.txt", "a");
    production.delete("m");
    try (StagedVersion staged = stage()) {
      assertThat(staged.isReplacement()).isFalse();
      assertThat(VersionTrial.run(staged, () -> List.of(new FakeBackend())))
          .allMatch(Check::isPassed);
      staged.publish();
    }

    assertThat(target()).contains("m/2/model.fake", "m/labels.txt", "m/reference/input.npy");
  }

  @Test
  void leavesProductionAsItIsWhateverFails() throws IOException {
    List<String> before = target();
    development.model("m", 2, "crash on load");

    assertThat(run())
        .singleElement()
        .satisfies(check -> {
          assertThat(check.isPassed()).isFalse();
          assertThat(check.text()).contains("crashed on load");
        });
    assertThat(target()).isEqualTo(before);
  }

  @Test
  void refusesAVersionThatDoesNotReproduceItsReference() throws IOException {
    development.model("m", 2, "add 3");

    assertThat(run().getFirst().isPassed()).isFalse();
    assertThat(run().getFirst().text()).contains("reference output 'y', row 0");
  }

  @Test
  void refusesAVersionWithoutAReference() throws IOException {
    development.delete("m/reference/output_v2.npy");

    assertThat(run().getFirst().isPassed()).isFalse();
    assertThat(run().getFirst().text()).contains("no reference/");
  }

  @ParameterizedTest
  @CsvSource({
    "max_shift, 1, true, 'score shift, greatest'",
    "max_shift, 0.5, false, 'score shift, greatest'",
    "p99_shift, 1.5, true, 'score shift, p99'",
    "p99_shift, 0.5, false, 'score shift, p99'",
    "p50_ms, 0, false, latency p50",
    "p50_ms, 1e9, true, latency p50",
    "p99_ms, 0, false, latency p99",
    "p99_ms, 1e9, true, latency p99",
  })
  void holdsAVersionToTheLimitsOfProduction(String name, String limit, boolean passes, String check)
      throws IOException {
    limit(name, limit);

    assertThat(run())
        .last()
        .satisfies(last -> {
          assertThat(last.name()).isEqualTo(check);
          assertThat(last.isPassed()).as(last.text()).isEqualTo(passes);
          assertThat(last.text()).contains("expected: at most");
        });
  }

  @Test
  void takesTheLimitsDataFromTheFolderThatIsNamed() throws IOException {
    production.config(
        "m",
        """
        parameters { key: "promotion.data" value { string_value: "validation" } }
        parameters { key: "promotion.max_shift" value { string_value: "2" } }
        """);

    assertThat(run())
        .last()
        .satisfies(check -> {
          assertThat(check.isPassed()).isFalse();
          assertThat(check.text()).contains("validation is not there");
        });
  }

  @Test
  void saysWhichLimitIsNotKnown() throws IOException {
    limit("max_shft", "2");

    assertThat(run().getFirst().text()).contains("promotion.max_shft", "promotion.max_shift");
  }

  @Test
  void refusesWhatCannotBeServed() {
    production.model("m", 2, "add 2");
    assertThatThrownBy(this::stage).hasMessageContaining("has version 2 already");

    production.delete("m/2");
    production.model("m", 7, "add 7");
    assertThatThrownBy(this::stage)
        .hasMessageContaining("version 2 would not be served beside [1, 2, 7]");

    assertThatThrownBy(() -> StagedVersion.copy(from, to, "m", OptionalLong.of(9)))
        .hasMessageContaining("no version 9")
        .hasMessageContaining("[2]");
    assertThatThrownBy(() -> StagedVersion.copy(from, to, "absent", OptionalLong.empty()))
        .hasMessageContaining("no model 'absent'");
  }

  @Test
  void refusesASecondPromotionOfTheSameVersionAtOneTime() throws IOException {
    try (StagedVersion _ = stage()) {
      assertThatThrownBy(this::stage).hasMessageContaining("is being promoted already");
    }
    stage().close();
    assertThat(target()).noneMatch(name -> name.startsWith(".promoting"));
  }

  @Test
  void keepsAWithdrawnVersionOutOfSight() throws IOException {
    production.model("m", 2, "add 2");

    Path kept = StagedVersion.withdraw(to, "m", 2);

    assertThat(kept.resolve("model.fake")).exists();
    assertThat(StagedVersion.versions(to, "m")).containsExactly(1L);
    assertThatThrownBy(() -> StagedVersion.withdraw(to, "m", 2))
        .hasMessageContaining("is not there");
  }
}
