package org.etalon.backends.torch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.etalon.engine.backend.BackendModel;
import org.etalon.inference.npy.Npy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs against those of Python's torch for the same weights, in float32 on one thread. */
final class ReferenceTest {
  /** Rounding of sums in another order: 4e-6 at most was seen for values of up to 30. */
  private static final float TOLERANCE = 1e-4f;

  @TempDir Path directory;
  private TorchFixture fixture;

  @BeforeEach
  void open() {
    fixture = new TorchFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64})
  void coincidenceAnswersAsPythonForEveryBatchSize(int rows) {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    BackendModel model =
        fixture.load(
            fixture.config(
                """
                max_batch_size: 64
                input { name: 'score_l1' data_type: TYPE_FP32 dims: [1] }
                input { name: 'score_h1' data_type: TYPE_FP32 dims: [1] }
                output { name: 'score' data_type: TYPE_FP32 dims: [1] }
                """));
    fixture.assertReproduces(
        model,
        rows,
        TOLERANCE,
        fixture.array("coincidence_score.npy"),
        Map.of(
            "score_l1",
            fixture.array("coincidence_score_l1.npy"),
            "score_h1",
            fixture.array("coincidence_score_h1.npy")));
  }

  /** Tolerances as the models' README gives them. */
  @ParameterizedTest
  @CsvSource({
    "bbh, 1, 1, 1e-4",
    "bbh, 1, 16, 1e-4",
    "bbh, 2, 64, 1e-4",
    "single, 1, 64, 1e-4",
    "deepclean, 1, 3, 1e-5"
  })
  void servedModelsAnswerAsPython(String name, int version, int rows, float tolerance)
      throws IOException {
    Path models = Path.of(System.getProperty("etalon.shared", "none"), "models", "repository");
    Path model = models.resolve(name + "_torch");
    assumeTrue(Files.exists(model), "needs ../shared/models: " + model);
    fixture.put("model.pt", Files.readAllBytes(model.resolve(version + "/model.pt")));
    String config = Files.readString(model.resolve("config.pbtxt")).replaceFirst("name:.*", "");
    Path reference = models.resolve(name).resolve("reference");
    fixture.assertReproduces(
        fixture.load(fixture.config(config)),
        rows,
        tolerance,
        Npy.read(reference.resolve("output_v" + version + ".npy")),
        Map.of("INPUT__0", Npy.read(reference.resolve("input.npy"))));
  }
}
