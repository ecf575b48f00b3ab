package org.etalon.protocol.wire;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.InferParameter;

/**
 * A request's parameters on the wire: the asker's own, and the reserved ones that have a field in
 * {@link InferenceRequest}.
 *
 * <p>Reserved numbers travel as {@code int64_param}, the one form that every version of Triton
 * takes for them.
 */
final class RequestParameters {
  private static final String SEQUENCE_ID = "sequence_id";
  private static final String SEQUENCE_START = "sequence_start";
  private static final String SEQUENCE_END = "sequence_end";
  private static final String PRIORITY = "priority";
  private static final String TIMEOUT = "timeout";
  private static final List<String> RESERVED =
      List.of(SEQUENCE_ID, SEQUENCE_START, SEQUENCE_END, PRIORITY, TIMEOUT);
  private static final int KEY_FIELD = 1;
  private static final int VALUE_FIELD = 2;

  private RequestParameters() {}

  /**
   * All parameters of a request.
   *
   * @throws ServingException INVALID_ARGUMENT if the asker's own use a reserved name
   */
  static Map<String, Parameter> of(InferenceRequest request) {
    Map<String, Parameter> own = request.parameters();
    for (String key : RESERVED) {
      if (own.containsKey(key)) {
        throw ServingException.invalid(
            "parameter '%s' of a request for model '%s' (expected: set by the request's own field)"
                .formatted(key, request.model()));
      }
    }
    if (request.sequence().isEmpty()
        && request.priority().isEmpty()
        && request.queueTimeout().isEmpty()) {
      return own;
    }
    Map<String, Parameter> all = new HashMap<>(own);
    request.sequence().ifPresent(sequence -> put(sequence, all));
    request.priority().ifPresent(level -> all.put(PRIORITY, new Parameter.Int64(level)));
    request
        .queueTimeout()
        .ifPresent(wait -> all.put(TIMEOUT, new Parameter.Int64(microseconds(wait))));
    return all;
  }

  private static void put(Sequence sequence, Map<String, Parameter> all) {
    all.put(
        SEQUENCE_ID,
        switch (sequence.id()) {
          case Sequence.Id.Number(long value) when value > 0 -> new Parameter.Int64(value);
          case Sequence.Id.Number(long value) -> new Parameter.Uint64(value);
          case Sequence.Id.Text(String value) -> new Parameter.Text(value);
        });
    all.put(SEQUENCE_START, new Parameter.Bool(sequence.isStart()));
    all.put(SEQUENCE_END, new Parameter.Bool(sequence.isEnd()));
  }

  /** Rounded up: 0 would mean the model's default. */
  private static long microseconds(Duration wait) {
    return Math.ceilDiv(wait.toNanos(), 1000L);
  }

  /** Bytes of a map field below 16. */
  static int size(int field, Map<String, Parameter> parameters) {
    int total = 0;
    for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
      int size = entrySize(entry);
      total +=
          CodedOutputStream.computeTagSize(field)
              + CodedOutputStream.computeUInt32SizeNoTag(size)
              + size;
    }
    return total;
  }

  static void write(int field, Map<String, Parameter> parameters, CodedOutputStream out)
      throws IOException {
    for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
      out.writeTag(field, 2);
      out.writeUInt32NoTag(entrySize(entry));
      out.writeString(KEY_FIELD, entry.getKey());
      out.writeTag(VALUE_FIELD, 2);
      out.writeUInt32NoTag(valueSize(entry.getValue()));
      writeValue(entry.getValue(), out);
    }
  }

  private static int entrySize(Map.Entry<String, Parameter> entry) {
    int value = valueSize(entry.getValue());
    return CodedOutputStream.computeStringSize(KEY_FIELD, entry.getKey())
        + CodedOutputStream.computeTagSize(VALUE_FIELD)
        + CodedOutputStream.computeUInt32SizeNoTag(value)
        + value;
  }

  private static int valueSize(Parameter parameter) {
    return switch (parameter) {
      case Parameter.Bool(boolean value) ->
          CodedOutputStream.computeBoolSize(InferParameter.BOOL_PARAM_FIELD_NUMBER, value);
      case Parameter.Int64(long value) ->
          CodedOutputStream.computeInt64Size(InferParameter.INT64_PARAM_FIELD_NUMBER, value);
      case Parameter.Uint64(long value) ->
          CodedOutputStream.computeUInt64Size(InferParameter.UINT64_PARAM_FIELD_NUMBER, value);
      case Parameter.Text(String value) ->
          CodedOutputStream.computeStringSize(InferParameter.STRING_PARAM_FIELD_NUMBER, value);
      case Parameter.Real(double value) ->
          CodedOutputStream.computeDoubleSize(InferParameter.DOUBLE_PARAM_FIELD_NUMBER, value);
    };
  }

  private static void writeValue(Parameter parameter, CodedOutputStream out) throws IOException {
    switch (parameter) {
      case Parameter.Bool(boolean value) ->
          out.writeBool(InferParameter.BOOL_PARAM_FIELD_NUMBER, value);
      case Parameter.Int64(long value) ->
          out.writeInt64(InferParameter.INT64_PARAM_FIELD_NUMBER, value);
      case Parameter.Uint64(long value) ->
          out.writeUInt64(InferParameter.UINT64_PARAM_FIELD_NUMBER, value);
      case Parameter.Text(String value) ->
          out.writeString(InferParameter.STRING_PARAM_FIELD_NUMBER, value);
      case Parameter.Real(double value) ->
          out.writeDouble(InferParameter.DOUBLE_PARAM_FIELD_NUMBER, value);
    }
  }
}
