package org.etalon.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InferRequestEncoderTest {
  private static final ModelId MODEL = ModelId.of("bbh");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void encodesWhatProtobufReadsAsTheSameRequest(long seed) throws IOException {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      RandomTensors source = new RandomTensors(random, arena);
      for (int i = 0; i < 250; i++) {
        InferenceRequest request = request(random, source);
        assertThat(ModelInferRequest.parseFrom(encode(request))).isEqualTo(expected(request));
      }
    }
  }

  @Test
  void writesTheSameBytesAgain() throws IOException {
    InferenceRequest request =
        InferenceRequest.of(MODEL, Tensor.of("x", Shape.of(2), new float[] {1, 2}));
    InferRequestEncoder encoder = new InferRequestEncoder(request);
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    encoder.writeTo(first);
    encoder.writeTo(second);
    assertThat(second.toByteArray()).isEqualTo(first.toByteArray()).hasSize(encoder.size());
  }

  @Test
  void writesMemoryLongerThanAChunk() throws IOException {
    float[] values = new float[10_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    InferenceRequest request =
        InferenceRequest.of(MODEL, Tensor.of("x", Shape.of(values.length), values));
    assertThat(ModelInferRequest.parseFrom(encode(request))).isEqualTo(expected(request));
  }

  @Test
  void sendsAPositiveQueueTimeoutBelowAMicrosecondAsOne() throws IOException {
    InferenceRequest request = InferenceRequest.to(MODEL).queueTimeout(Duration.ofNanos(1)).build();
    assertThat(ModelInferRequest.parseFrom(encode(request)).getParametersOrThrow("timeout"))
        .isEqualTo(InferParameter.newBuilder().setInt64Param(1).build());
  }

  @Test
  void refusesAParameterThatHasAFieldOfItsOwn() {
    InferenceRequest request =
        InferenceRequest.to(MODEL).parameters(Map.of("priority", new Parameter.Int64(1))).build();
    assertThatThrownBy(() -> new InferRequestEncoder(request))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("'priority'");
  }

  @Test
  void refusesAMessageOfTwoGibibytes() {
    byte[] gibibyte = new byte[1 << 29];
    Tensor tensor =
        new Tensor("x", DataType.UINT8, Shape.of(1 << 29), MemorySegment.ofArray(gibibyte));
    InferenceRequest request =
        InferenceRequest.to(MODEL).inputs(List.of(tensor, tensor, tensor, tensor)).build();
    assertThatThrownBy(() -> new InferRequestEncoder(request))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("2 GiB");
  }

  private static byte[] encode(InferenceRequest request) throws IOException {
    InferRequestEncoder encoder = new InferRequestEncoder(request);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    encoder.writeTo(out);
    assertThat(out.size()).isEqualTo(encoder.size());
    return out.toByteArray();
  }

  private static InferenceRequest request(Random random, RandomTensors source) {
    OptionalLong version = random.nextBoolean() ? OptionalLong.of(3) : OptionalLong.empty();
    InferenceRequest.Builder builder =
        InferenceRequest.to(new ModelId(source.text(), version))
            .inputs(source.tensors())
            .parameters(source.parameters());
    if (random.nextBoolean()) {
      builder.id(source.text());
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      builder.output(new RequestedOutput(source.text(), source.parameters()));
    }
    if (random.nextBoolean()) {
      builder.priority(random.nextInt(9)).queueTimeout(Duration.ofMillis(random.nextInt(99)));
    }
    if (random.nextBoolean()) {
      builder.sequence(new Sequence(sequenceId(random), random.nextBoolean(), true));
    }
    return builder.build();
  }

  private static Sequence.Id sequenceId(Random random) {
    return random.nextBoolean()
        ? new Sequence.Id.Number(random.nextLong() | 1)
        : new Sequence.Id.Text("H1-" + random.nextInt(9));
  }

  /** The same request built with protobuf's own classes. */
  private static ModelInferRequest expected(InferenceRequest request) {
    ModelInferRequest.Builder message =
        ModelInferRequest.newBuilder().setModelName(request.model().name());
    request.model().version().ifPresent(v -> message.setModelVersion(Long.toString(v)));
    request.id().ifPresent(message::setId);
    message.putAllParameters(expected(request.parameters()));
    message.putAllParameters(reserved(request));
    for (Tensor input : request.inputs()) {
      message
          .addInputsBuilder()
          .setName(input.name())
          .setDatatype(input.datatype().name())
          .addAllShape(input.shape().toList());
      message.addRawInputContents(ByteString.copyFrom(input.data().toArray(ValueLayout.JAVA_BYTE)));
    }
    for (RequestedOutput output : request.outputs()) {
      message
          .addOutputsBuilder()
          .setName(output.name())
          .putAllParameters(expected(output.parameters()));
    }
    return message.build();
  }

  private static Map<String, InferParameter> reserved(InferenceRequest request) {
    Map<String, Parameter> reserved = new HashMap<>();
    request.priority().ifPresent(v -> reserved.put("priority", new Parameter.Int64(v)));
    request
        .queueTimeout()
        .ifPresent(v -> reserved.put("timeout", new Parameter.Int64(v.toMillis() * 1000)));
    request
        .sequence()
        .ifPresent(sequence -> {
          reserved.put("sequence_start", new Parameter.Bool(sequence.isStart()));
          reserved.put("sequence_end", new Parameter.Bool(sequence.isEnd()));
          Parameter id =
              switch (sequence.id()) {
                case Sequence.Id.Text(String text) -> new Parameter.Text(text);
                case Sequence.Id.Number(long number) ->
                    number > 0 ? new Parameter.Int64(number) : new Parameter.Uint64(number);
              };
          reserved.put("sequence_id", id);
        });
    return expected(reserved);
  }

  static Map<String, InferParameter> expected(Map<String, Parameter> parameters) {
    Map<String, InferParameter> messages = new HashMap<>();
    parameters.forEach((key, parameter) -> {
      InferParameter.Builder message = InferParameter.newBuilder();
      switch (parameter) {
        case Parameter.Bool(boolean value) -> message.setBoolParam(value);
        case Parameter.Int64(long value) -> message.setInt64Param(value);
        case Parameter.Uint64(long value) -> message.setUint64Param(value);
        case Parameter.Text(String value) -> message.setStringParam(value);
        case Parameter.Real(double value) -> message.setDoubleParam(value);
      }
      messages.put(key, message.build());
    });
    return messages;
  }
}
