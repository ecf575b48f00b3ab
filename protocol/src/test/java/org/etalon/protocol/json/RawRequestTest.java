package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.etalon.inference.BytesElements;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.junit.jupiter.api.Test;

final class RawRequestTest {
  @Test
  void deducesTheOneVariableDimensionFromTheBody() {
    Tensor tensor = decode(config(8, DataType.TYPE_FP32, 2, -1), new byte[24]);
    assertThat(tensor.name()).isEqualTo("x");
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 2, 3));
    assertThat(decode(config(0, DataType.TYPE_INT8, 4), new byte[4]).shape())
        .isEqualTo(Shape.of(4));
  }

  @Test
  void takesTheBodyAsTheOneText() {
    Tensor tensor = decode(config(8, DataType.TYPE_STRING, 1), new byte[] {65, 66});
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 1));
    assertThat(BytesElements.decode(tensor.data())).containsExactly(new byte[] {65, 66});
  }

  @Test
  void wantsEveryOutputInBinary() {
    MemorySegment body = MemorySegment.ofArray(new byte[4]);
    ModelConfig config = config(0, DataType.TYPE_FP32, 1);
    assertThat(RawRequest.decode(ModelId.of("m"), config, body).binaryOutputs())
        .isEqualTo(BinaryOutputs.EVERY);
  }

  @Test
  void refusesWhatCannotBeDeduced() {
    assertInvalid(
        config(0, DataType.TYPE_FP32, -1, -1),
        "The shape of the raw input 'x' can not be deduced because there are more than one"
            + " variable-sized dimension");
    assertInvalid(
        config(0, DataType.TYPE_STRING, 2),
        "For BYTE datatype raw input 'x', the model must have input shape [1]");
    assertInvalid(
        config(0, DataType.TYPE_FP32, 2).toBuilder().addInput(ModelInput.newBuilder()).build(),
        "Raw request must only have 1 input (found 1) to be deduced but got 2 inputs in 'm' model"
            + " configuration");
    assertInvalid(config(0, DataType.TYPE_FP32, 3, -1), "expected: 0 for FP32 [3,0]");
    assertInvalid(config(0, DataType.TYPE_FP32, 0, -1), "expected: 0 for FP32 [0,0]");
  }

  private static void assertInvalid(ModelConfig config, String message) {
    assertThatThrownBy(() -> decode(config, new byte[5]))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(message);
  }

  private static Tensor decode(ModelConfig config, byte[] body) {
    return RawRequest.decode(ModelId.of("m"), config, MemorySegment.ofArray(body))
        .request()
        .inputs()
        .getFirst();
  }

  private static ModelConfig config(int maxBatchSize, DataType type, long... dims) {
    return ModelConfig.newBuilder()
        .setName("m")
        .setMaxBatchSize(maxBatchSize)
        .addInput(
            ModelInput.newBuilder()
                .setName("x")
                .setDataType(type)
                .addAllDims(Arrays.stream(dims).boxed().toList()))
        .build();
  }
}
