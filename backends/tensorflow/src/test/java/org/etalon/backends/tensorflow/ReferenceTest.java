package org.etalon.backends.tensorflow;

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
  /** Rounding of sums in another order: 1e-5 at most was seen for values of up to 30. */
  private static final float TOLERANCE = 1e-4f;

  @TempDir Path directory;
  private TensorFlowFixture fixture;

  @BeforeEach
  void open() {
    fixture = new TensorFlowFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64})
  void coincidenceAnswersAsPythonForEveryBatchSize(int rows) {
    for (String file :
        new String[] {
          "saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"
        }) {
      fixture.put("model.savedmodel/" + file, fixture.resource("coincidence.savedmodel/" + file));
    }
    BackendModel model = fixture.load(fixture.config(""));
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
    "bbh, 1, strain, 1, 1e-4",
    "bbh, 1, strain, 16, 1e-4",
    "bbh, 2, strain, 64, 1e-4",
    "single, 1, strain, 64, 1e-4",
    "deepclean, 1, witness, 3, 1e-5"
  })
  void servedModelsAnswerAsPython(String name, int version, String input, int rows, float tolerance)
      throws IOException {
    Path models = Path.of(System.getProperty("etalon.shared", "none"), "models", "repository");
    Path model = models.resolve(name + "_tf");
    assumeTrue(Files.exists(model), "needs ../shared/models: " + model);
    fixture.copy(model.resolve(version + "/model.savedmodel"));
    String config = Files.readString(model.resolve("config.pbtxt")).replaceFirst("name:.*", "");
    Path reference = models.resolve(name).resolve("reference");
    fixture.assertReproduces(
        fixture.load(fixture.config(config)),
        rows,
        tolerance,
        Npy.read(reference.resolve("output_v" + version + ".npy")),
        Map.of(input, Npy.read(reference.resolve("input.npy"))));
  }
}
