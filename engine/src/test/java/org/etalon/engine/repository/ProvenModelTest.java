package org.etalon.engine.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.scheduling.SequenceTensors;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvenModelTest {
  private static final String TENSORS =
      """
      max_batch_size: 2
      input { name: 'x' data_type: TYPE_FP32 dims: 1 }
      output { name: 'y' data_type: TYPE_FP32 dims: 1 }
      """;

  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();

  /** Makes an instance of version 2 of a model with this configuration, and closes it. */
  private void prove(String config, String... orders) {
    new FakeRepository(folder).model("m", 2, orders);
    Path model = folder.resolve("m");
    ModelFiles files = new ModelFiles("m", 2, model, model.resolve("2"));
    var parsed = ModelConfigReader.parse("f", config);
    assertThat(parsed.faults()).isEmpty();
    BackendModel loaded = backend.load(files, parsed.config());
    try (ProvenModel proven =
        new ProvenModel(loaded, loaded.config(), files, SequenceTensors.none())) {
      proven.newInstance(Device.CPU).close();
    } finally {
      assertThat(backend.liveInstances()).isZero();
    }
  }

  private FakeRepository repository() {
    return new FakeRepository(folder);
  }

  @Test
  void runsNothingWithoutWarmUpAndReference() {
    prove(TENSORS, "fail");

    assertThat(backend.runs()).isZero();
  }

  @Test
  void runsEachWarmUpAsOftenAsConfigured() {
    prove(
        TENSORS
            + """
            model_warmup { name: 'a' batch_size: 2 count: 3
              inputs { key: 'x' value { data_type: TYPE_FP32 dims: 1 zero_data: true } } }
            model_warmup { name: 'b'
              inputs { key: 'x' value { data_type: TYPE_FP32 dims: 1 random_data: true } } }
            """,
        "add 1");

    assertThat(backend.runs()).isEqualTo(4);
  }

  @Test
  void warmsUpInTheShapesThatRequestsHaveAndChecksTheReferenceInThem() {
    repository().reference("m", "input", 1, 2).reference("m", "output", 2, 3);
    prove(
        """
        max_batch_size: 2
        input { name: 'x' data_type: TYPE_FP32 dims: 1 reshape { shape: [1, 1] } }
        output { name: 'y' data_type: TYPE_FP32 dims: 1 reshape { shape: [1, 1] } }
        model_warmup { name: 'a' batch_size: 2
          inputs { key: 'x' value { data_type: TYPE_FP32 dims: 1 random_data: true } } }
        """,
        "add 1");

    assertThat(backend.runs()).isEqualTo(2);
  }

  @Test
  void warmsUpRaggedModelsWithWhatTellsOfTheBatch() {
    repository().reference("m", "input", 1, 2).reference("m", "output", 2, 3);
    prove(
        """
        max_batch_size: 2
        input { name: 'x' data_type: TYPE_FP32 dims: -1 allow_ragged_batch: true }
        output { name: 'y' data_type: TYPE_FP32 dims: -1 }
        batch_output { target_name: 'y' source_input: 'x' }
        model_warmup { name: 'a' batch_size: 2
          inputs { key: 'x' value { data_type: TYPE_FP32 dims: 3 zero_data: true } } }
        """,
        "add 1");

    assertThat(backend.runs()).isEqualTo(2);
  }

  @Test
  void readsWarmUpDataFromAFileOfOneRow() {
    String config =
        TENSORS
            + """
            model_warmup { name: 'w' batch_size: 2
              inputs { key: 'x' value { data_type: TYPE_FP32 dims: 1 input_data_file: 'one' } } }
            """;
    repository().file("m", "warmup/one", "abcd");
    prove(config, "add 1");
    assertThat(backend.runs()).isEqualTo(1);

    repository().file("m", "warmup/one", "abcde");
    assertThatThrownBy(() -> prove(config, "add 1"))
        .hasMessageContainingAll("warm-up 'w'", "5 bytes", "one row of input 'x', FP32 [1]");
  }

  @Test
  void refusesWarmUpDataOutsideItsFolder() {
    String config =
        TENSORS
            + """
            model_warmup { name: 'w'
              inputs { key: 'x' value { data_type: TYPE_FP32 dims: 1 input_data_file: '../2/model.fake' } } }
            """;

    assertThatThrownBy(() -> prove(config, "add 1")).hasMessageContaining("leads out of");
  }

  @Test
  void refusesAnInstanceThatFailsItsWarmUp() {
    String config =
        TENSORS
            + """
            model_warmup { name: 'w'
              inputs { key: 'x' value { data_type: TYPE_FP32 dims: 1 zero_data: true } } }
            """;

    assertThatThrownBy(() -> prove(config, "fail")).hasMessage("warm-up 'w': failed, as ordered");
  }

  @Test
  void comparesAllRowsWithTheReferenceInBatchesOfMaxBatchSize() {
    repository().reference("m", "input", 1, 2, 3, 4, 5).reference("m", "output", 2, 3, 4, 5, 6);
    prove(TENSORS, "add 1");

    assertThat(backend.runs()).isEqualTo(3);
  }

  @Test
  void namesTensorRowValuesAndToleranceWhereTheReferenceIsMissed() {
    repository().reference("m", "input", 1, 2, 3).reference("m", "output", 2, 3, 4.5f);

    assertThatThrownBy(() -> prove(TENSORS, "add 1"))
        .hasMessage(
            "reference output 'y', row 2, element 0: 4.0 (expected: 4.5, tolerance 1.0E-4)");
  }

  @Test
  void takesTheToleranceFromTheConfiguration() {
    repository().reference("m", "input", 1).reference("m", "output", 2.5f);

    prove(TENSORS + "parameters { key: 'tolerance' value { string_value: '0.5' } }", "add 1");
    assertThat(backend.runs()).isEqualTo(1);
  }

  @Test
  void prefersTheReferenceOfItsVersionAndIgnoresOtherVersions() {
    repository().reference("m", "input", 1).reference("m", "output", 9);
    repository().reference("m", "output_v2", 2).reference("m", "output_v1", 7);
    prove(TENSORS, "add 1");
    assertThat(backend.runs()).isEqualTo(1);

    repository().delete("m/reference/output.npy").delete("m/reference/output_v2.npy");
    prove(TENSORS, "fail"); // nothing to compare version 2 with
  }

  @Test
  void comparesSeveralTensorsByName() {
    String config =
        """
        max_batch_size: 8
        input [ { name: 'a' data_type: TYPE_FP32 dims: 1 }, { name: 'b' data_type: TYPE_FP32 dims: 1 } ]
        output [ { name: 'c' data_type: TYPE_FP32 dims: 1 }, { name: 'd' data_type: TYPE_FP32 dims: 1 } ]
        """;
    repository().reference("m", "input_a", 1).reference("m", "input_b", 2);
    repository().reference("m", "output_c", 3).reference("m", "output_d_v2", 3);
    prove(config, "add 0");

    repository().reference("m", "output_d_v2", 4);
    assertThatThrownBy(() -> prove(config, "add 0")).hasMessageContaining("output 'd', row 0");

    repository().delete("m/reference/input_b.npy");
    assertThatThrownBy(() -> prove(config, "add 0"))
        .hasMessageContaining("no input_b.npy for input 'b'");
  }

  @Test
  void refusesAReferenceOfOtherRowsTypeOrShape() throws Exception {
    repository().reference("m", "input", 1, 2).reference("m", "output", 2);
    assertThatThrownBy(() -> prove(TENSORS, "add 1"))
        .hasMessageContaining("rows by tensor {input x=2, output y=1}");

    Path input = folder.resolve("m/reference/input.npy");
    Npy.write(input, NpyArray.ofDoubles(new double[] {1}, 1, 1));
    assertThatThrownBy(() -> prove(TENSORS, "add 1"))
        .hasMessageContaining("holds <f8 [1, 1] (expected for input 'x': <f4 [-1, 1])");

    Npy.write(input, NpyArray.ofFloats(new float[] {1, 2}, 1, 2));
    assertThatThrownBy(() -> prove(TENSORS, "add 1")).hasMessageContaining("<f4 [1, 2]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\u0093NUMPY", "no array at all"})
  void refusesAReferenceFileThatIsNoArray(String text) throws Exception {
    repository().reference("m", "input", 1).reference("m", "output", 2);
    Files.writeString(folder.resolve("m/reference/output.npy"), text);

    assertThatThrownBy(() -> prove(TENSORS, "add 1")).hasMessageStartingWith("reference: ");
  }

  @Test
  void takesValuesThatAreNotNumbersForEqualOnlyToEachOther() {
    repository().reference("m", "input", Float.NaN, Float.POSITIVE_INFINITY);
    repository().reference("m", "output", Float.NaN, Float.POSITIVE_INFINITY);
    prove(TENSORS, "add 1");

    repository().reference("m", "output", 1, Float.POSITIVE_INFINITY);
    assertThatThrownBy(() -> prove(TENSORS, "add 1"))
        .hasMessageContaining("row 0, element 0: NaN (expected: 1.0");
  }

  @Test
  void runsTheWholeReferenceAtOnceIfTheModelDoesNotBatch() throws Exception {
    String config =
        """
        input { name: 'x' data_type: TYPE_FP32 dims: [3] }
        output { name: 'y' data_type: TYPE_FP32 dims: [3] }
        """;
    Path reference = Files.createDirectories(folder.resolve("m/reference"));
    Npy.write(reference.resolve("input.npy"), NpyArray.ofFloats(new float[] {1, 2, 3}, 3));
    Npy.write(reference.resolve("output.npy"), NpyArray.ofFloats(new float[] {2, 3, 4}, 3));
    prove(config, "add 1");

    assertThat(backend.runs()).isEqualTo(1);
  }
}
