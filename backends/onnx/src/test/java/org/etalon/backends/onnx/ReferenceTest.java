package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.etalon.engine.backend.BackendModel;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs against those of torch for the same weights, computed in float32 on one thread. */
final class ReferenceTest {
  /** Rounding of sums in another order: 2e-6 at most was seen for values of up to 7. */
  private static final float TOLERANCE = 1e-4f;

  @TempDir Path directory;
  private OnnxFixture fixture;

  @BeforeEach
  void open() {
    fixture = new OnnxFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 64, 256})
  void perceptronAnswersAsTorchForEveryBatchSize(int rows) {
    BackendModel model = fixture.load("mlp", "");
    fixture.assertReproduces(
        model,
        rows,
        TOLERANCE,
        fixture.array("mlp_y.npy"),
        Map.of("x", fixture.array("mlp_x.npy")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64})
  void coincidenceAnswersAsTorchForEveryBatchSize(int rows) {
    BackendModel model = fixture.load("coincidence", "");
    fixture.assertReproduces(
        model,
        rows,
        TOLERANCE,
        fixture.array("coincidence_score.npy"),
        Map.of(
            "score_h1",
            fixture.array("coincidence_score_h1.npy"),
            "score_l1",
            fixture.array("coincidence_score_l1.npy")));
  }

  @Test
  void identityAnswersItsInput() {
    BackendModel model = fixture.load("identity", "");
    Tensor x = Tensor.of("x", Shape.of(2, 3), new float[] {1, -2, Float.NaN, 4, 0, 6});
    assertThat(fixture.run(model, 2, x).getFirst().toFloats())
        .containsExactly(1, -2, Float.NaN, 4, 0, 6);
  }

  /** Tolerances as the models' README gives them. */
  @ParameterizedTest
  @CsvSource({
    "bbh, 1, strain, 16, 1e-4",
    "bbh, 2, strain, 16, 1e-4",
    "single, 1, strain, 64, 1e-4",
    "deepclean, 1, witness, 4, 1e-5"
  })
  void servedModelsAnswerAsTorch(String name, int version, String input, int rows, float tolerance)
      throws IOException {
    Path model = Path.of(System.getProperty("etalon.shared", "none"), "models", "repository", name);
    assumeTrue(Files.exists(model), "needs ../shared/models: " + model);
    fixture.put("model.onnx", Files.readAllBytes(model.resolve(version + "/model.onnx")));
    String config = Files.readString(model.resolve("config.pbtxt")).replaceFirst("name:.*", "");
    BackendModel loaded = fixture.load(fixture.config(config));
    fixture.assertReproduces(
        loaded,
        rows,
        tolerance,
        Npy.read(model.resolve("reference/output_v" + version + ".npy")),
        Map.of(input, Npy.read(model.resolve("reference/input.npy"))));
  }
}
