package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.etalon.engine.testing.BackendFixture;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigCompletionTest {
  private static final ModelLabel LABEL = new ModelLabel("test", 1, Path.of("model.onnx"));

  private static final ModelSignature BATCHED =
      new ModelSignature(
          List.of(
              new TensorSpec("strain", DataType.FP32, List.of(-1L, 2L, 2048L)),
              new TensorSpec("mask", DataType.BOOL, List.of(-1L, -1L))),
          List.of(),
          List.of(new TensorSpec("score", DataType.FP32, List.of(-1L, 1L))));

  private static final ModelSignature FIXED =
      new ModelSignature(
          List.of(new TensorSpec("x", DataType.BYTES, List.of(8L, 64L))),
          List.of(),
          List.of(new TensorSpec("y", DataType.FP32, List.of())));

  private static ModelConfig complete(String config, ModelSignature signature) {
    return ConfigCompletion.complete(
        LABEL, BackendFixture.config(OnnxBackend.NAME, config), signature);
  }

  @Test
  void fillsABareConfigurationOfAModelThatCanBatch() {
    assertThat(complete("", BATCHED))
        .isEqualTo(
            BackendFixture.config(
                OnnxBackend.NAME,
                """
                max_batch_size: 1
                input { name: 'strain' data_type: TYPE_FP32 dims: [2, 2048] }
                input { name: 'mask' data_type: TYPE_BOOL dims: [-1] }
                output { name: 'score' data_type: TYPE_FP32 dims: [1] }
                """));
  }

  @Test
  void fillsABareConfigurationOfAModelThatCannotBatchWithWholeShapes() {
    assertThat(complete("", FIXED))
        .isEqualTo(
            BackendFixture.config(
                OnnxBackend.NAME,
                """
                input { name: 'x' data_type: TYPE_STRING dims: [8, 64] }
                output { name: 'y' data_type: TYPE_FP32 }
                """));
  }

  @Test
  void leavesMaxBatchSizeZeroOfAConfigurationThatDescribesTensors() {
    String config = "output { name: 'score' data_type: TYPE_FP32 dims: [-1, 1] }";
    ModelConfig completed = complete(config, BATCHED);
    assertThat(completed.getMaxBatchSize()).isZero();
    assertThat(completed.getInput(0).getDimsList()).containsExactly(-1L, 2L, 2048L);
  }

  @Test
  void keepsWhatIsSaidAndFillsWhatIsNot() {
    ModelConfig completed =
        complete(
            "max_batch_size: 16 input { name: 'mask' dims: [7] } input { name: 'strain' }",
            BATCHED);
    assertThat(completed.getMaxBatchSize()).isEqualTo(16);
    assertThat(completed.getInput(0).getName()).isEqualTo("mask");
    assertThat(completed.getInput(0).getDimsList()).containsExactly(7L);
    assertThat(completed.getInput(0).getDataType().name()).isEqualTo("TYPE_BOOL");
    assertThat(completed.getInput(1).getDimsList()).containsExactly(2L, 2048L);
  }

  @Test
  void servesFewerOutputsThanTheFileHas() {
    ModelSignature two =
        new ModelSignature(
            List.of(new TensorSpec("x", DataType.FP32, List.of(-1L, 2L))),
            List.of(),
            List.of(
                new TensorSpec("y", DataType.FP32, List.of(-1L, 2L)),
                new TensorSpec("z", DataType.FP32, List.of(-1L, 2L))));
    ModelConfig completed = complete("max_batch_size: 4 output { name: 'z' }", two);
    assertThat(completed.getOutputList()).hasSize(1);
  }

  @Test
  void acceptsReshapeToTheShapeOfTheFile() {
    ModelSignature flat =
        new ModelSignature(
            List.of(new TensorSpec("x", DataType.FP32, List.of(-1L))),
            List.of(),
            List.of(new TensorSpec("y", DataType.FP32, List.of(-1L))));
    ModelConfig completed =
        complete(
            "max_batch_size: 4 input { name: 'x' dims: [1] reshape {} } output { name: 'y' dims: [1] reshape {} }",
            flat);
    assertThat(completed.getInput(0).getDimsList()).containsExactly(1L);
  }

  @Test
  void leavesInputsThatTheSchedulerSuppliesOutOfTheCount() {
    String config =
        """
        max_batch_size: 4
        input { name: 'strain' }
        sequence_batching { control_input { name: 'mask' } }
        """;
    assertThat(complete(config, BATCHED).getInputList()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_batch_size: 4 input { name: 'strian' } input { name: 'mask' } | input 'strian' is not in the file (its inputs: strain, mask)",
        "max_batch_size: 4 input { name: 'strain' } | input 'mask' (BOOL [-1,-1]) of the file is not in the configuration",
        "max_batch_size: 4 output { name: 'scores' } | output 'scores' is not in the file (its outputs: score)",
        "max_batch_size: 4 output { name: 'score' data_type: TYPE_FP64 } | output 'score': data_type TYPE_FP64 (expected: TYPE_FP32",
        "max_batch_size: 4 output { name: 'score' dims: [2] } | output 'score': dims [2] (expected: [1], as the file says behind the batch)",
        "max_batch_size: 4 output { name: 'score' dims: [-1] } | output 'score': dims [-1] (expected: [1]",
        "max_batch_size: 0 output { name: 'score' dims: [1] } | output 'score': dims [1] (expected: [-1,1], as the file says)",
        "max_batch_size: -1 | max_batch_size: -1 (expected: 0 or more)",
        "max_batch_size: 4 output { name: 'score' } output { name: 'score' } | output 'score' is described twice",
        "max_batch_size: 4 output { name: 'score' dims: [1] reshape { shape: [1, 1] } } | output 'score': dims [1,1] (expected: [1]",
        "max_batch_size: 4 input { name: 'strain' allow_ragged_batch: true } input { name: 'mask' } | input 'strain': dims [-1] (expected: [-1,2,2048]",
        "max_batch_size: 4 input { name: 'strain' } batch_input { target_name: 'mask' data_type: TYPE_INT32 } | batch_input 'mask': data_type TYPE_INT32 (expected: TYPE_BOOL",
        "max_batch_size: 4 batch_input { target_name: 'count' data_type: TYPE_INT32 } | batch_input 'count' is not in the file (its inputs: strain, mask)",
      })
  void refusesWhatContradictsTheFile(String config, String problem) {
    assertThatThrownBy(() -> complete(config, BATCHED))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith("model 'test' version 1 (model.onnx): ")
        .hasMessageContaining(problem);
  }

  @Test
  void refusesToBatchAFileWithAFixedFirstDimension() {
    assertThatThrownBy(() -> complete("max_batch_size: 8", FIXED))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(
            "input 'x': the file fixes the first dimension of [8,64], but max_batch_size is 8")
        .hasMessageContaining("output 'y': the file gives no shape");
  }

  @Test
  void tellsEveryFaultAtOnce() {
    assertThatThrownBy(
            () -> complete("max_batch_size: 4 input { name: 'a' } output { name: 'b' }", BATCHED))
        .hasMessageContainingAll("input 'a'", "output 'b'", "input 'strain'", "input 'mask'");
  }
}
