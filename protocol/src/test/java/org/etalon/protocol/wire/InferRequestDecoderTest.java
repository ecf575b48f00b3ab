package org.etalon.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.InferTensorContents;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferRequest.InferInputTensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferRequestDecoderTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsWhatTheGeneratedClassesRead(long seed) {
    RandomRequests requests = new RandomRequests(seed);
    for (int i = 0; i < 500; i++) {
      ModelInferRequest message = requests.next();
      assertSameOutcome(message.toByteArray(), i);
      assertSameOutcome(requests.encodeInPieces(message), i);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void readsOrRefusesDamagedMessagesAsTheGeneratedClassesDo(long seed) {
    RandomRequests requests = new RandomRequests(seed);
    for (int i = 0; i < 3000; i++) {
      assertSameOutcome(requests.damage(requests.next().toByteArray()), i);
    }
  }

  private static void assertSameOutcome(byte[] bytes, int index) {
    @Nullable InferenceRequest expected = expected(bytes);
    @Nullable InferenceRequest actual = null;
    try {
      actual = InferRequestDecoder.decode(MemorySegment.ofArray(bytes));
    } catch (ServingException e) {
      assertThat(e.code()).isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNIMPLEMENTED);
      InferRequestDecoder.idOf(MemorySegment.ofArray(bytes));
    }
    assertThat(comparable(actual)).as("message %d", index).isEqualTo(comparable(expected));
  }

  /**
   * What the generated classes make of it. From a stream with a small buffer, since their short cut
   * for numbers in a large one takes the tenth byte for 1 whatever it is.
   */
  private static @Nullable InferenceRequest expected(byte[] bytes) {
    try {
      CodedInputStream input = CodedInputStream.newInstance(new ByteArrayInputStream(bytes), 8);
      ModelInferRequest message = ModelInferRequest.parseFrom(input);
      input.checkLastTagWas(0);
      return GeneratedRequests.convert(message);
    } catch (IOException | IllegalArgumentException | ClassCastException e) {
      return null;
    }
  }

  /** The request with its tensors' memory as values. */
  private static @Nullable Object comparable(@Nullable InferenceRequest request) {
    return request == null
        ? null
        : List.of(
            request.model(),
            request.id(),
            request.outputs(),
            request.parameters(),
            request.sequence(),
            request.priority(),
            request.queueTimeout(),
            request.inputs().stream().map(InferRequestDecoderTest::comparable).toList());
  }

  private static Object comparable(Tensor tensor) {
    return List.of(
        tensor.name(),
        tensor.datatype(),
        tensor.shape(),
        ByteString.copyFrom(tensor.data().toArray(ValueLayout.JAVA_BYTE)));
  }

  @Test
  void leavesRawInputsWhereTheyLie() {
    byte[] message = raw("A", List.of(2L), 8).toByteArray();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, message);
      MemorySegment data = InferRequestDecoder.decode(memory).inputs().getFirst().data();
      assertThat(data.address()).isEqualTo(memory.address() + memory.byteSize() - 8);
      assertThat(data.isNative()).isTrue();
    }
  }

  @Test
  void refusesContentsBesideRawContents() {
    InferTensorContents contents = InferTensorContents.newBuilder().addFp32Contents(1).build();
    ModelInferRequest.Builder message = raw("A", List.of(1L), 4).toBuilder();
    message.getInputsBuilder(0).setContents(contents);
    assertRefused(
        message.build(),
        "contents field must not be specified when using raw_input_contents for 'A' for model 'm'");
  }

  @Test
  void refusesRawContentsThatAreNotOneForEachInput() {
    assertRefused(
        raw("A", List.of(1L), 4).toBuilder().addRawInputContents(ByteString.EMPTY).build(),
        "2 raw_input_contents given for 1 inputs of a request for model 'm' (expected: one for each"
            + " input)");
  }

  @Test
  void refusesInputsWhoseBytesDoNotFillTheirShape() {
    assertRefused(
        raw("A", List.of(8L), 40),
        "input byte size mismatch for input 'A' for model 'm'. Expected 32, got 40");
  }

  @Test
  void refusesNegativeAndOverflowingShapes() {
    assertRefused(
        raw("A", List.of(-1L, 16L), 64),
        "input 'A' for model 'm': shape: [-1, 16] (expected: no negative dimension)");
    assertRefused(
        raw("A", List.of(1L << 32, 1L << 32), 64),
        "input 'A' for model 'm': shape: [4294967296, 4294967296] (expected: less than 2^63"
            + " elements)");
    assertRefused(
        raw("A", List.of(1L << 62), 64),
        "input 'A' for model 'm': shape: [4611686018427387904] (expected: less than 2^63 bytes)");
  }

  @Test
  void refusesMoreDimensionsThanAnyArrayHas() {
    assertRefused(
        raw("A", Collections.nCopies(65, 1L), 4), "shape of input 'A': more than 64 dimensions");
  }

  @Test
  void refusesTypedElementsOutsideTheirType() {
    assertRefused(
        typed("INT8", InferTensorContents.newBuilder().addIntContents(7).addIntContents(300)),
        "element 1 of input 'A' for model 'm' is 300 (expected: a value of INT8)");
    assertRefused(
        typed("UINT16", InferTensorContents.newBuilder().addUintContents(0).addUintContents(-1)),
        "element 1 of input 'A' for model 'm' is 4294967295 (expected: a value of UINT16)");
  }

  @Test
  void refusesTypedContentsOfAnotherType() {
    assertRefused(
        typed("FP64", InferTensorContents.newBuilder().addFp32Contents(7).addFp32Contents(8)),
        "fp32_contents given for input 'A' for model 'm' of FP64 (expected: fp64_contents)");
  }

  @Test
  void refusesUnknownDatatypes() {
    assertThatExceptionOfType(ServingException.class)
        .isThrownBy(() -> decode(typed("FP8", InferTensorContents.newBuilder())))
        .withMessageStartingWith("input 'A' for model 'm' has data-type 'FP8' (expected: one of");
  }

  @Test
  void refusesTensorsInSharedMemoryWhichIsNotServed() {
    ModelInferRequest.Builder message = typed("FP32", InferTensorContents.newBuilder()).toBuilder();
    message
        .getInputsBuilder(0)
        .putParameters(
            "shared_memory_region", InferParameter.newBuilder().setStringParam("r").build())
        .putParameters(
            "shared_memory_byte_size", InferParameter.newBuilder().setInt64Param(4).build());
    assertThatExceptionOfType(ServingException.class)
        .isThrownBy(() -> decode(message.build()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNIMPLEMENTED));
  }

  @Test
  void refusesVersionsThatAreNoNumber() {
    assertRefused(
        raw("A", List.of(1L), 4).toBuilder().setModelVersion("latest").build(),
        "failed to get model version from specified version string 'latest', version should be an"
            + " integral value > 0");
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    byte[] message = {10, 2, (byte) 0xc3, 0x28};
    assertThatExceptionOfType(ServingException.class)
        .isThrownBy(() -> InferRequestDecoder.decode(MemorySegment.ofArray(message)))
        .withMessage("malformed message: text at byte 2 is not UTF-8");
  }

  @Test
  void refusesMessagesOfMorePartsThanAnyRequestHas() {
    ModelInferRequest.Builder message = raw("A", List.of(1L), 4).toBuilder();
    for (int i = 0; i < 70_000; i++) {
      message.addInputs(InferInputTensor.getDefaultInstance());
    }
    assertRefused(
        message.build(), "the request has more than 65536 inputs, outputs and parameters");
  }

  @Test
  void tellsTheIdOfARefusedMessage() {
    byte[] message = raw("A", List.of(9L), 4).toBuilder().setId("42").build().toByteArray();
    assertThat(InferRequestDecoder.idOf(MemorySegment.ofArray(message)))
        .isEqualTo(Optional.of("42"));
  }

  private static void assertRefused(ModelInferRequest message, String text) {
    assertThatExceptionOfType(ServingException.class)
        .isThrownBy(() -> decode(message))
        .withMessage(text)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  private static InferenceRequest decode(ModelInferRequest message) {
    return InferRequestDecoder.decode(MemorySegment.ofArray(message.toByteArray()));
  }

  private static ModelInferRequest raw(String name, List<Long> shape, int bytes) {
    return ModelInferRequest.newBuilder()
        .setModelName("m")
        .addInputs(
            InferInputTensor.newBuilder().setName(name).setDatatype("FP32").addAllShape(shape))
        .addRawInputContents(ByteString.copyFrom(new byte[bytes]))
        .build();
  }

  private static ModelInferRequest typed(String datatype, InferTensorContents.Builder contents) {
    return ModelInferRequest.newBuilder()
        .setModelName("m")
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("A")
                .setDatatype(datatype)
                .addShape(2)
                .setContents(contents))
        .build();
  }
}
