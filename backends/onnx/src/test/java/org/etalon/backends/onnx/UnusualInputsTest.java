package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelInput;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that are not rows of a batch, or not always there. */
final class UnusualInputsTest {
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

  @Test
  void takesRaggedInputsAndWhatTellsOfThem() {
    BackendModel model =
        fixture.load(
            "ragged",
            """
            max_batch_size: 4
            input { name: 'x' data_type: TYPE_FP32 dims: [-1] allow_ragged_batch: true }
            output { name: 'twice' data_type: TYPE_FP32 dims: [-1] }
            output { name: 'count' data_type: TYPE_FP32 dims: [1] }
            batch_input { target_name: 'counts' data_type: TYPE_INT32 source_input: 'x' }
            batch_output { target_name: 'twice' source_input: 'x' }
            """);
    Tensor x = Tensor.of("x", Shape.of(3), new float[] {1, 2, 3});
    Tensor counts =
        new Tensor("counts", DataType.INT32, Shape.of(2), MemorySegment.ofArray(new int[] {2, 1}));
    List<Tensor> outputs = fixture.run(model, 2, x, counts);
    assertThat(outputs.get(0).toFloats()).containsExactly(2, 4, 6);
    assertThat(outputs.get(1).shape()).isEqualTo(Shape.of(2, 1));
    assertThat(outputs.get(1).toFloats()).containsExactly(2, 1);
  }

  @Test
  void takesShapeTensors() {
    BackendModel model =
        fixture.load(
            "shape_tensor",
            """
            max_batch_size: 4
            input { name: 'x' dims: [6] }
            input { name: 'shape' dims: [2] is_shape_tensor: true }
            output { name: 'y' dims: [-1, -1] }
            """);
    Tensor x = Tensor.of("x", Shape.of(1, 6), new float[6]);
    Tensor shape =
        new Tensor(
            "shape", DataType.INT64, Shape.of(3), MemorySegment.ofArray(new long[] {1, 2, 3}));
    assertThat(fixture.run(model, 1, x, shape).getFirst().shape()).isEqualTo(Shape.of(1, 2, 3));
  }

  @Test
  void anInputWithADefaultInTheFileMayBeLeftOut() {
    BackendModel model =
        fixture.load(
            "defaulted",
            "max_batch_size: 4 input { name: 'x' } input { name: 'bias' optional: true }");
    Tensor x = Tensor.of("x", Shape.of(2, 2), new float[] {1, 2, 3, 4});
    Tensor bias = Tensor.of("bias", Shape.of(2, 2), new float[] {5, 5, 7, 7});
    ModelInstance instance = fixture.instance(model);
    assertThat(fixture.run(model.config(), instance, 2, x).getFirst().toFloats())
        .containsExactly(11, 22, 13, 24);
    assertThat(fixture.run(model.config(), instance, 2, x, bias).getFirst().toFloats())
        .containsExactly(6, 7, 10, 11);
    assertThatThrownBy(() -> fixture.run(model.config(), instance, 2, bias))
        .hasMessageContaining("input 'x' is missing, and the file has no default for it");
  }

  @Test
  void aFileWithADefaultedInputIsServedWithoutItWhereNothingIsConfigured() {
    BackendModel model = fixture.load("defaulted", "");
    assertThat(model.config().getInputList()).extracting(ModelInput::getName).containsExactly("x");
  }
}
