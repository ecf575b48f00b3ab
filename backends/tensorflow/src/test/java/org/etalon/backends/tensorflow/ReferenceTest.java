package org.etalon.backends.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
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
      fixture.put(
          "model.savedmodel/" + file, TensorFlowFixture.resource("coincidence.savedmodel/" + file));
    }
    BackendModel model = fixture.load(TensorFlowFixture.config(""));
    assertInBatches(
        model,
        rows,
        TOLERANCE,
        TensorFlowFixture.array("coincidence_score.npy"),
        new Named("score_l1", TensorFlowFixture.array("coincidence_score_l1.npy")),
        new Named("score_h1", TensorFlowFixture.array("coincidence_score_h1.npy")));
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
    assertInBatches(
        fixture.load(TensorFlowFixture.config(config)),
        rows,
        tolerance,
        Npy.read(reference.resolve("output_v" + version + ".npy")),
        new Named(input, Npy.read(reference.resolve("input.npy"))));
  }

  private record Named(String name, NpyArray array) {}

  private void assertInBatches(
      BackendModel model, int rows, float tolerance, NpyArray expected, Named... inputs) {
    ModelInstance instance = fixture.instance(model);
    float[] answers = expected.floats();
    int total = Math.toIntExact(expected.shape()[0]);
    int rowLength = answers.length / total;
    for (int first = 0; first < total; first += rows) {
      int count = Math.min(rows, total - first);
      int from = first;
      Tensor[] tensors =
          Arrays.stream(inputs)
              .map(input -> rows(input.name, input.array, from, count))
              .toArray(Tensor[]::new);
      Tensor output = fixture.run(model.config(), instance, count, tensors).getFirst();
      assertThat(output.shape()).isEqualTo(Shape.of(expected.shape()).withFirst(count));
      assertThat(output.toFloats())
          .containsExactly(
              Arrays.copyOfRange(answers, first * rowLength, (first + count) * rowLength),
              within(tolerance));
    }
  }

  private static Tensor rows(String name, NpyArray array, int first, int count) {
    Shape shape = Shape.of(array.shape()).withFirst(count);
    int rowLength = Math.toIntExact(shape.elementCount() / count);
    return Tensor.of(
        name,
        shape,
        Arrays.copyOfRange(array.floats(), first * rowLength, (first + count) * rowLength));
  }
}
