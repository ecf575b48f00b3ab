package org.etalon.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferResponse;
import org.etalon.protocol.proto.ModelStreamInferResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferResponseEncoderTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void writesWhatTheGeneratedClassesWouldRead(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 200; i++) {
        InferenceResponse response = randomResponse(random, arena);
        ModelInferResponse expected = expected(response);
        assertThat(ModelInferResponse.parseFrom(write(InferResponseEncoder.encode(response))))
            .as("response %d", i)
            .isEqualTo(expected);
        assertThat(
                ModelStreamInferResponse.parseFrom(
                    write(InferResponseEncoder.encodeStreamed(response))))
            .as("streamed response %d", i)
            .isEqualTo(ModelStreamInferResponse.newBuilder().setInferResponse(expected).build());
      }
    }
  }

  @Test
  void saysWhichRequestOfAStreamFailed() throws IOException {
    byte[] bytes = write(InferResponseEncoder.encodeStreamedError(Optional.of("7"), "too long"));
    ModelStreamInferResponse message = ModelStreamInferResponse.parseFrom(bytes);
    assertThat(message.getErrorMessage()).isEqualTo("too long");
    assertThat(message.getInferResponse().getId()).isEqualTo("7");
  }

  @Test
  void writesTensorsOverArraysOfAnyElement() throws IOException {
    Tensor tensor =
        new Tensor("y", DataType.INT32, Shape.of(3), MemorySegment.ofArray(new int[] {1, 2, 3}));
    InferenceResponse response =
        new InferenceResponse("m", 1, Optional.empty(), List.of(tensor), Map.of(), () -> {});
    ModelInferResponse message =
        ModelInferResponse.parseFrom(write(InferResponseEncoder.encode(response)));
    assertThat(message.getRawOutputContents(0).toByteArray())
        .containsExactly(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0);
  }

  private static byte[] write(EncodedMessage message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    message.writeTo(bytes);
    assertThat(bytes.size()).isEqualTo(message.size());
    ByteBuffer buffer = ByteBuffer.allocateDirect(message.size());
    message.writeTo(buffer);
    byte[] buffered = new byte[message.size()];
    buffer.flip().get(buffered);
    assertThat(buffered).isEqualTo(bytes.toByteArray());
    return buffered;
  }

  private static InferenceResponse randomResponse(SplittableRandom random, Arena arena) {
    List<Tensor> outputs = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      // Larger than a chunk at times, on and off the heap.
      long[] dims = {random.nextInt(4), random.nextInt(random.nextInt(4) == 0 ? 9000 : 9)};
      byte[] bytes = new byte[(int) (dims[0] * dims[1] * 4)];
      random.nextBytes(bytes);
      MemorySegment data =
          random.nextBoolean()
              ? arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes)
              : MemorySegment.ofArray(bytes);
      outputs.add(new Tensor("output\u00e4" + i, DataType.FP32, Shape.of(dims), data));
    }
    return new InferenceResponse(
        "m\u00f6del",
        1 + random.nextInt(1000),
        random.nextBoolean() ? Optional.of("id " + random.nextInt()) : Optional.empty(),
        outputs,
        random.nextBoolean() ? Map.of() : everyForm(random),
        () -> {});
  }

  private static Map<String, Parameter> everyForm(SplittableRandom random) {
    Map<String, Parameter> parameters = new HashMap<>();
    parameters.put("bool", new Parameter.Bool(random.nextBoolean()));
    parameters.put("int64", new Parameter.Int64(random.nextLong()));
    parameters.put("uint64", new Parameter.Uint64(random.nextLong()));
    parameters.put("text", new Parameter.Text("t" + random.nextInt()));
    parameters.put("real", new Parameter.Real(random.nextDouble()));
    return parameters;
  }

  private static ModelInferResponse expected(InferenceResponse response) {
    ModelInferResponse.Builder message =
        ModelInferResponse.newBuilder()
            .setModelName(response.modelName())
            .setModelVersion(Long.toString(response.modelVersion()))
            .setId(response.id().orElse(""));
    response.parameters().forEach((key, value) -> message.putParameters(key, expected(value)));
    for (Tensor output : response.outputs()) {
      message
          .addOutputsBuilder()
          .setName(output.name())
          .setDatatype(output.datatype().name())
          .addAllShape(output.shape().toList());
      message.addRawOutputContents(
          ByteString.copyFrom(output.data().toArray(ValueLayout.JAVA_BYTE)));
    }
    return message.build();
  }

  private static InferParameter expected(Parameter parameter) {
    InferParameter.Builder message = InferParameter.newBuilder();
    switch (parameter) {
      case Parameter.Bool(boolean value) -> message.setBoolParam(value);
      case Parameter.Int64(long value) -> message.setInt64Param(value);
      case Parameter.Uint64(long value) -> message.setUint64Param(value);
      case Parameter.Text(String value) -> message.setStringParam(value);
      case Parameter.Real(double value) -> message.setDoubleParam(value);
    }
    return message.build();
  }
}
