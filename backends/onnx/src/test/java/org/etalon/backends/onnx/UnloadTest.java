package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.testing.ResidentMemory;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that a model took is the system's again when the model is unloaded. */
final class UnloadTest {
  private static final long MIB = 1L << 20;

  @TempDir Path repository;

  /**
   * The C library would keep the models of five loads and more, in a heap for each thread. {@code
   * benchmarks/load-unload} does the same with a server, 200 times 50 MB.
   */
  @Test
  void aModelsMemoryReturnsWhenItIsUnloaded() throws IOException {
    assertThat(growth(12, 16_000_000)).isLessThan(32 * MIB);
  }

  /** Bytes that more loads and unloads take than two do. */
  private long growth(int times, int modelBytes) throws IOException {
    Path version = Files.createDirectories(repository.resolve("large").resolve("1"));
    Files.write(version.resolve("model.onnx"), LargeModel.ofBytes(modelBytes));
    long afterTwo = resident(2);
    return resident(times) - afterTwo;
  }

  /** Memory after that many loads and unloads. */
  private long resident(int times) {
    EngineConfig config =
        EngineConfig.of(List.of(repository)).withControl(ModelControl.EXPLICIT, Set.of());
    try (Engine engine = Engine.start(config, List.<Backend>of(new OnnxBackend()))) {
      for (int i = 0; i < times; i++) {
        loadAskUnload(engine);
      }
    } // closing waits until the model is gone
    System.gc(); // the Java heap's own growth is not meant
    return ResidentMemory.bytes();
  }

  private static void loadAskUnload(Engine engine) {
    engine.load("large").join();
    Tensor x = Tensor.of("x", Shape.of(1, LargeModel.COLUMNS), new float[LargeModel.COLUMNS]);
    try (InferenceResponse response =
        engine.infer(InferenceRequest.of(ModelId.of("large"), x)).join()) {
      assertThat(response.output("y").toFloats()).hasSize(LargeModel.COLUMNS);
    }
    engine.unload("large", false);
  }
}
