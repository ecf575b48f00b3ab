package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.request.LoadOverride;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.ModelId;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Native code comes from the repository alone, never from who asks for a load. */
class NativeLibrariesTest {
  private static final String OPERATORS =
      "backend: 'fake' model_operations { op_library_filename: 'ops.so' }";

  @TempDir private Path folder;

  private Engine start() {
    EngineConfig config =
        EngineConfig.of(List.of(folder)).withControl(ModelControl.EXPLICIT, Set.of());
    return Engine.start(config, List.<Backend>of(new FakeBackend()));
  }

  private static ModelConfig config(String text) {
    return ModelConfigReader.parse("test", text).config();
  }

  @Test
  void areTakenFromTheRepository() {
    new FakeRepository(folder)
        .model("m", 1, "add 1")
        .config("m", OPERATORS)
        .file("m", "ops.so", "");
    try (Engine engine = start()) {
      engine.load("m").join();
      assertThat(engine.isReady(ModelId.of("m"))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OPERATORS,
        "backend: 'fake' optimization { execution_accelerators { cpu_execution_accelerator { name: 'x'"
            + " parameters { key: 'library' value: 'x.so' } } } }",
        "backend: 'fake' optimization { execution_accelerators { gpu_execution_accelerator { name:"
            + " 'qnn' parameters { key: 'backend_path' value: 'x.so' } } } }",
      })
  void areRefusedWhereTheyComeWithTheRequest(String text) {
    try (Engine engine = start()) {
      Map<String, byte[]> files =
          Map.of(
              "1/model.fake", "add 1".getBytes(StandardCharsets.UTF_8),
              "ops.so", new byte[1],
              "x.so", new byte[1]);
      assertThatThrownBy(() -> engine.load("m", new LoadOverride(config(text), files)).join())
          .hasMessageContaining("come with the request (expected: libraries in the repository)");
    }
  }
}
