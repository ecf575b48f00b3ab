package org.etalon.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferTensorContents;
import org.etalon.protocol.proto.ModelInferResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InferResponseDecoderTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void decodesWhatProtobufWrites(long seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      RandomTensors source = new RandomTensors(random, arena);
      for (int i = 0; i < 250; i++) {
        List<Tensor> tensors = source.tensors();
        Map<String, Parameter> parameters = source.parameters();
        ModelInferResponse message = message(source.text(), tensors, parameters);
        InferenceResponse response = InferResponseDecoder.decode(message.toByteArray());
        assertThat(response.modelName()).isEqualTo(message.getModelName());
        assertThat(response.modelVersion()).isEqualTo(7);
        assertThat(response.id()).isEqualTo(Optional.of("id"));
        assertThat(response.parameters()).isEqualTo(parameters);
        assertSame(response.outputs(), tensors);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void decodesOrRefusesMutatedBytes(long seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      RandomTensors source = new RandomTensors(random, arena);
      for (int i = 0; i < 5_000; i++) {
        byte[] bytes = message(source.text(), source.tensors(), source.parameters()).toByteArray();
        assertDecodedOrRefused(mutate(bytes, random));
      }
    }
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    byte[] mutated =
        random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    for (int i = random.nextInt(4); i >= 0 && mutated.length > 0; i--) {
      int at = random.nextInt(random.nextBoolean() ? mutated.length : Math.min(40, mutated.length));
      mutated[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : mutated[at] ^ 1 << random.nextInt(8));
    }
    return mutated;
  }

  private static void assertDecodedOrRefused(byte[] bytes) {
    try (InferenceResponse response = InferResponseDecoder.decode(bytes)) {
      for (Tensor output : response.outputs()) {
        output.copy();
      }
    } catch (ServingException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FP16", "BF16"})
  void decodesTypedContents(DataType type) {
    InferTensorContents contents =
        InferTensorContents.newBuilder()
            .addAllBoolContents(List.of(true, false))
            .addAllIntContents(List.of(1, -1))
            .addAllUintContents(List.of(1, -1))
            .addAllInt64Contents(List.of(1L, -1L))
            .addAllUint64Contents(List.of(1L, -1L))
            .addAllFp32Contents(List.of(1f, -1f))
            .addAllFp64Contents(List.of(1., -1.))
            .addBytesContents(ByteString.copyFromUtf8("H1"))
            .addBytesContents(ByteString.EMPTY)
            .build();
    Tensor output = InferResponseDecoder.decode(typed(type, contents)).output("y");
    assertThat(output.datatype()).isEqualTo(type);
    switch (type) {
      case BOOL -> assertThat(output.data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 0);
      case INT8, UINT8 ->
          assertThat(output.data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, -1);
      case INT16, UINT16 -> assertThat(output.data().toArray(Tensor.SHORT)).containsExactly(1, -1);
      case INT32, UINT32 -> assertThat(output.data().toArray(Tensor.INT)).containsExactly(1, -1);
      case INT64, UINT64 -> assertThat(output.data().toArray(Tensor.LONG)).containsExactly(1, -1);
      case FP32 -> assertThat(output.toFloats()).containsExactly(1, -1);
      case FP64 -> assertThat(output.data().toArray(Tensor.DOUBLE)).containsExactly(1, -1);
      case BYTES ->
          assertThat(BytesElements.decode(output.data()))
              .containsExactly(new byte[] {'H', '1'}, new byte[0]);
      case FP16, BF16 -> throw new AssertionError(type);
    }
  }

  @Test
  void refusesOutputsWithoutTheirBytes() {
    byte[] message =
        ModelInferResponse.newBuilder()
            .setModelVersion("1")
            .addOutputs(output("a", DataType.FP32).addShape(1))
            .addOutputs(output("b", DataType.FP32).addShape(1))
            .addRawOutputContents(ByteString.copyFrom(new byte[4]))
            .build()
            .toByteArray();
    assertRefused(message, "1 for 2 outputs");
  }

  @Test
  void refusesBytesThatDoNotFillTheShape() {
    assertRefused(raw(DataType.FP32, new byte[7]), "7 bytes (expected: 8");
    assertRefused(raw(DataType.BYTES, new byte[4]), "1 elements (expected: 2");
  }

  @Test
  void refusesTypedContentsOfATypeWithoutThem() {
    assertRefused(typed(DataType.FP16, InferTensorContents.getDefaultInstance()), "FP16");
  }

  @Test
  void refusesAVersionThatIsNoNumber() {
    byte[] message = ModelInferResponse.newBuilder().setModelVersion("1b").build().toByteArray();
    assertRefused(message, "model_version: '1b'");
  }

  private static void assertRefused(byte[] message, String text) {
    assertThatThrownBy(() -> InferResponseDecoder.decode(message))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
        .hasMessageContaining(text);
  }

  private static byte[] raw(DataType type, byte[] data) {
    return ModelInferResponse.newBuilder()
        .setModelVersion("1")
        .addOutputs(output("y", type).addShape(2))
        .addRawOutputContents(ByteString.copyFrom(data))
        .build()
        .toByteArray();
  }

  private static byte[] typed(DataType type, InferTensorContents contents) {
    return ModelInferResponse.newBuilder()
        .setModelVersion("1")
        .addOutputs(output("y", type).addShape(2).setContents(contents))
        .build()
        .toByteArray();
  }

  private static ModelInferResponse.InferOutputTensor.Builder output(String name, DataType type) {
    return ModelInferResponse.InferOutputTensor.newBuilder().setName(name).setDatatype(type.name());
  }

  private static ModelInferResponse message(
      String model, List<Tensor> tensors, Map<String, Parameter> parameters) {
    ModelInferResponse.Builder message =
        ModelInferResponse.newBuilder().setModelName(model).setModelVersion("7").setId("id");
    message.putAllParameters(InferRequestEncoderTest.expected(parameters));
    for (Tensor tensor : tensors) {
      message.addOutputs(
          output(tensor.name(), tensor.datatype()).addAllShape(tensor.shape().toList()));
      message.addRawOutputContents(
          ByteString.copyFrom(tensor.data().toArray(ValueLayout.JAVA_BYTE)));
    }
    return message.build();
  }

  private static void assertSame(List<Tensor> actual, List<Tensor> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).name()).isEqualTo(expected.get(i).name());
      assertThat(actual.get(i).datatype()).isEqualTo(expected.get(i).datatype());
      assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
      assertThat(actual.get(i).data().mismatch(expected.get(i).data())).isEqualTo(-1);
    }
  }
}
