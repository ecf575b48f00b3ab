package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.file.Path;
import java.util.Map;
import org.etalon.engine.testing.BackendFixture;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SessionSettingsTest {
  private static final ModelLabel LABEL = new ModelLabel("test", 1, Path.of("model.onnx"));

  private static SessionSettings settings(String config) {
    return SessionSettings.of(BackendFixture.config(OnnxBackend.NAME, config), LABEL);
  }

  private static String parameter(String name, String value) {
    return "parameters { key: '%s' value { string_value: '%s' } } ".formatted(name, value);
  }

  @Test
  void usesTheInstancesThreadAloneWithoutSpinning() {
    SessionSettings settings = settings("");
    assertThat(settings.intraOpThreads()).isEqualTo(1);
    assertThat(settings.mode()).isEqualTo(ExecutionMode.SEQUENTIAL);
    assertThat(settings.optimization()).isEqualTo(OptLevel.ALL_OPT);
    assertThat(settings.sessionEntries())
        .containsEntry("session.intra_op.allow_spinning", "0")
        .containsEntry("session.inter_op.allow_spinning", "0");
  }

  @Test
  void readsTritonsParameters() {
    SessionSettings settings =
        settings(
            parameter("intra_op_thread_count", "4")
                + parameter("inter_op_thread_count", "0")
                + parameter("execution_mode", "1")
                + parameter("enable_mem_arena", "0")
                + parameter("enable_mem_pattern", "0")
                + parameter("session.intra_op.allow_spinning", "1")
                + parameter("memory.enable_memory_arena_shrinkage", "cpu:0"));
    assertThat(settings.intraOpThreads()).isEqualTo(4);
    assertThat(settings.interOpThreads()).isZero();
    assertThat(settings.mode()).isEqualTo(ExecutionMode.PARALLEL);
    assertThat(settings.hasMemoryArena()).isFalse();
    assertThat(settings.hasMemoryPattern()).isFalse();
    assertThat(settings.sessionEntries()).containsEntry("session.intra_op.allow_spinning", "1");
    assertThat(settings.runEntries())
        .containsExactlyEntriesOf(Map.of("memory.enable_memory_arena_shrinkage", "cpu:0"));
  }

  @ParameterizedTest
  @CsvSource({"-1, BASIC_OPT", "0, ALL_OPT", "1, EXTENDED_OPT", "2, NO_OPT"})
  void readsTheGraphOptimizationLevel(int level, OptLevel expected) {
    assertThat(settings("optimization { graph { level: %d } }".formatted(level)).optimization())
        .isEqualTo(expected);
  }

  @Test
  void leavesParametersOfOthersAlone() {
    assertThat(settings(parameter("tolerance", "1e-4")).sessionEntries()).hasSize(2);
  }

  @Test
  void tellsEveryFaultAtOnceWithTheNearestName() {
    String config =
        parameter("intra_op_threads", "4")
            + parameter("execution_mode", "parallel")
            + "optimization { graph { level: 7 } }";
    assertThatThrownBy(() -> settings(config))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContainingAll(
            "intra_op_threads is not known (expected: intra_op_thread_count)",
            "execution_mode: 'parallel' (expected: 0 to 1)",
            "level: 7 (expected: -1 basic, 0 all, 1 extended, 2 none)");
  }
}
