package org.etalon.protocol.wire;

import com.google.protobuf.ByteString;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Sequence;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.InferTensorContents;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferRequest.InferInputTensor;
import org.jspecify.annotations.Nullable;

/**
 * The decoder's independent truth: a request by way of the generated classes. What is refused
 * throws {@link IllegalArgumentException}.
 */
final class GeneratedRequests {
  private GeneratedRequests() {}

  static InferenceRequest convert(ModelInferRequest message) {
    check(!message.getModelName().isEmpty());
    InferenceRequest.Builder request = InferenceRequest.to(modelId(message));
    if (!message.getId().isEmpty()) {
      request.id(message.getId());
    }
    parameters(message, request);
    boolean isRaw = message.getRawInputContentsCount() > 0;
    check(!isRaw || message.getRawInputContentsCount() == message.getInputsCount());
    for (int i = 0; i < message.getInputsCount(); i++) {
      InferInputTensor input = message.getInputs(i);
      check(!isRaw || !input.hasContents());
      check(!convert(input.getParametersMap()).containsKey("shared_memory_region"));
      request.input(tensor(input, isRaw ? message.getRawInputContents(i).toByteArray() : null));
    }
    for (ModelInferRequest.InferRequestedOutputTensor output : message.getOutputsList()) {
      request.output(new RequestedOutput(output.getName(), convert(output.getParametersMap())));
    }
    return request.build();
  }

  private static ModelId modelId(ModelInferRequest message) {
    if (message.getModelVersion().isEmpty()) {
      return ModelId.of(message.getModelName());
    }
    long version = Long.parseLong(message.getModelVersion());
    check(version > 0);
    return ModelId.of(message.getModelName(), version);
  }

  private static void parameters(ModelInferRequest message, InferenceRequest.Builder request) {
    Map<String, Parameter> all = convert(message.getParametersMap());
    Parameter id = all.remove("sequence_id");
    Parameter start = all.remove("sequence_start");
    Parameter end = all.remove("sequence_end");
    check(id == null || !(id instanceof Parameter.Bool || id instanceof Parameter.Real));
    boolean isStart = start != null && ((Parameter.Bool) start).value();
    boolean isEnd = end != null && ((Parameter.Bool) end).value();
    if (id instanceof Parameter.Text(String text) && !text.isEmpty()) {
      request.sequence(new Sequence(new Sequence.Id.Text(text), isStart, isEnd));
    } else if (id != null && !(id instanceof Parameter.Text) && number(id) != 0) {
      request.sequence(new Sequence(new Sequence.Id.Number(number(id)), isStart, isEnd));
    }
    long priority = atLeastZero(all.remove("priority"));
    if (priority != 0) {
      request.priority(priority);
    }
    long timeout = atLeastZero(all.remove("timeout"));
    if (timeout != 0) {
      request.queueTimeout(Duration.of(timeout, ChronoUnit.MICROS));
    }
    request.parameters(all);
  }

  private static long number(Parameter parameter) {
    return parameter instanceof Parameter.Int64(long value)
        ? value
        : ((Parameter.Uint64) parameter).value();
  }

  private static long atLeastZero(@Nullable Parameter parameter) {
    if (parameter == null) {
      return 0;
    }
    long value = number(parameter);
    check(parameter instanceof Parameter.Uint64 || value >= 0);
    return value < 0 ? Long.MAX_VALUE : value;
  }

  private static Map<String, Parameter> convert(Map<String, InferParameter> parameters) {
    Map<String, Parameter> converted = new HashMap<>();
    parameters.forEach((key, value) ->
        converted.put(
            key,
            switch (value.getParameterChoiceCase()) {
              case BOOL_PARAM -> new Parameter.Bool(value.getBoolParam());
              case INT64_PARAM -> new Parameter.Int64(value.getInt64Param());
              case UINT64_PARAM -> new Parameter.Uint64(value.getUint64Param());
              case STRING_PARAM -> new Parameter.Text(value.getStringParam());
              case DOUBLE_PARAM -> new Parameter.Real(value.getDoubleParam());
              case PARAMETERCHOICE_NOT_SET -> throw new IllegalArgumentException(key);
            }));
    return converted;
  }

  private static Tensor tensor(InferInputTensor input, byte @Nullable [] raw) {
    DataType type = DataType.valueOf(input.getDatatype());
    check(input.getShapeCount() <= 64);
    Shape shape = Shape.of(input.getShapeList().stream().mapToLong(Long::longValue).toArray());
    byte[] data = raw != null ? raw : typed(type, input);
    return new Tensor(input.getName(), type, shape, MemorySegment.ofArray(data));
  }

  private static byte[] typed(DataType type, InferInputTensor input) {
    InferTensorContents c = input.getContents();
    if (!input.hasContents()) {
      return new byte[0];
    }
    check(type != DataType.FP16 && type != DataType.BF16);
    checkForms(type, c);
    return switch (type) {
      case BOOL ->
          bytes(
              c.getBoolContentsCount(), 1, i -> b -> b.put((byte) (c.getBoolContents(i) ? 1 : 0)));
      case INT8 ->
          bytes(
              c.getIntContentsCount(),
              1,
              i -> b -> b.put((byte) range(c.getIntContents(i), 8, true)));
      case INT16 ->
          bytes(
              c.getIntContentsCount(),
              2,
              i -> b -> b.putShort((short) range(c.getIntContents(i), 16, true)));
      case INT32 -> bytes(c.getIntContentsCount(), 4, i -> b -> b.putInt(c.getIntContents(i)));
      case INT64 -> bytes(c.getInt64ContentsCount(), 8, i -> b -> b.putLong(c.getInt64Contents(i)));
      case UINT8 ->
          bytes(
              c.getUintContentsCount(),
              1,
              i -> b -> b.put((byte) range(c.getUintContents(i), 8, false)));
      case UINT16 ->
          bytes(
              c.getUintContentsCount(),
              2,
              i -> b -> b.putShort((short) range(c.getUintContents(i), 16, false)));
      case UINT32 -> bytes(c.getUintContentsCount(), 4, i -> b -> b.putInt(c.getUintContents(i)));
      case UINT64 ->
          bytes(c.getUint64ContentsCount(), 8, i -> b -> b.putLong(c.getUint64Contents(i)));
      case FP32 -> bytes(c.getFp32ContentsCount(), 4, i -> b -> b.putFloat(c.getFp32Contents(i)));
      case FP64 -> bytes(c.getFp64ContentsCount(), 8, i -> b -> b.putDouble(c.getFp64Contents(i)));
      case BYTES -> strings(c.getBytesContentsList());
      case FP16, BF16 -> throw new AssertionError();
    };
  }

  private static void checkForms(DataType type, InferTensorContents c) {
    List<String> expected =
        switch (type) {
          case BOOL -> List.of("bool_contents");
          case INT8, INT16, INT32 -> List.of("int_contents");
          case UINT8, UINT16, UINT32 -> List.of("uint_contents");
          default -> List.of(type.name().toLowerCase(Locale.ROOT) + "_contents");
        };
    c.getAllFields().keySet().forEach(field -> check(expected.contains(field.getName())));
  }

  private static long range(int value, int bits, boolean isSigned) {
    long low = isSigned ? -(1L << (bits - 1)) : 0;
    check(value >= low && value < low + (1L << bits));
    return value;
  }

  private interface Put {
    ByteBuffer into(ByteBuffer buffer);
  }

  private static byte[] bytes(int count, int width, IntFunction<Put> element) {
    ByteBuffer buffer = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      element.apply(i).into(buffer);
    }
    return buffer.array();
  }

  private static byte[] strings(List<ByteString> elements) {
    List<byte[]> copies = new ArrayList<>();
    elements.forEach(element -> copies.add(element.toByteArray()));
    return BytesElements.encode(copies).toArray(ValueLayout.JAVA_BYTE);
  }

  private static void check(boolean isAccepted) {
    if (!isAccepted) {
      throw new IllegalArgumentException("refused");
    }
  }
}
