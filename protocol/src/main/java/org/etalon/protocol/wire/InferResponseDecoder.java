package org.etalon.protocol.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferResponse;
import org.etalon.protocol.proto.ModelStreamInferResponse;

/**
 * Reads the bytes of a {@code ModelInferResponse}. Owned by one thread, for one message.
 *
 * <p>Outputs in {@code raw_output_contents} become tensors over the message's own bytes; those in
 * typed {@code contents}, which some servers send instead, are copied.
 */
public final class InferResponseDecoder {
  private static final int MAX_VERSION_DIGITS = 18;

  private final byte[] message;
  private String modelName = "";
  private String modelVersion = "";
  private String id = "";
  private Map<String, Parameter> parameters = Map.of();
  private final List<DecodedOutput> outputs = new ArrayList<>(2);
  private final List<MemorySegment> raw = new ArrayList<>(2);

  private InferResponseDecoder(byte[] message) {
    this.message = message;
  }

  /**
   * The response that a message holds.
   *
   * @param message a whole message; the response's tensors keep it, so it must not change. Closing
   *     the response gives nothing back: the bytes go with the last tensor that views them
   * @throws ServingException INTERNAL if the bytes are no such message, or its tensors no tensors
   */
  public static InferenceResponse decode(byte[] message) {
    InferResponseDecoder decoder = new InferResponseDecoder(message);
    try {
      decoder.read(CodedInputStream.newInstance(message));
      return decoder.response();
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw notA("ModelInferResponse", message, e);
    }
  }

  /**
   * The same of a {@code ModelStreamInferResponse}.
   *
   * @throws ServingException INTERNAL also if it holds an error, in the server's words: the stream
   *     has no code for it
   */
  public static InferenceResponse decodeStreamed(byte[] message) {
    InferResponseDecoder decoder = new InferResponseDecoder(message);
    String error = "";
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag >>> 3) {
          case ModelStreamInferResponse.ERROR_MESSAGE_FIELD_NUMBER -> error = text(in, tag);
          case ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER -> {
            int outer = enter(in, tag);
            decoder.read(in);
            in.popLimit(outer);
          }
          default -> skip(in, tag);
        }
      }
      if (error.isEmpty()) {
        return decoder.response();
      }
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw notA("ModelStreamInferResponse", message, e);
    }
    throw new ServingException(ErrorCode.INTERNAL, error);
  }

  private static ServingException notA(String what, byte[] message, Exception cause) {
    return new ServingException(
        ErrorCode.INTERNAL,
        "the server's answer of %d bytes is not a %s: %s"
            .formatted(message.length, what, cause.getMessage()),
        cause);
  }

  private void read(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag >>> 3) {
        case ModelInferResponse.MODEL_NAME_FIELD_NUMBER -> modelName = text(in, tag);
        case ModelInferResponse.MODEL_VERSION_FIELD_NUMBER -> modelVersion = text(in, tag);
        case ModelInferResponse.ID_FIELD_NUMBER -> id = text(in, tag);
        case ModelInferResponse.PARAMETERS_FIELD_NUMBER -> {
          parameters = parameters.isEmpty() ? new HashMap<>() : parameters;
          readParameter(in, tag, parameters);
        }
        case ModelInferResponse.OUTPUTS_FIELD_NUMBER -> {
          int outer = enter(in, tag);
          outputs.add(DecodedOutput.read(in));
          in.popLimit(outer);
        }
        case ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER -> raw.add(slice(in, tag));
        default -> skip(in, tag);
      }
    }
  }

  private InferenceResponse response() {
    if (!raw.isEmpty() && raw.size() != outputs.size()) {
      throw new IllegalArgumentException(
          "raw_output_contents: %d for %d outputs (expected: one each)"
              .formatted(raw.size(), outputs.size()));
    }
    List<Tensor> tensors = new ArrayList<>(outputs.size());
    for (int i = 0; i < outputs.size(); i++) {
      tensors.add(raw.isEmpty() ? outputs.get(i).typed() : outputs.get(i).over(raw.get(i)));
    }
    Optional<String> name = id.isEmpty() ? Optional.empty() : Optional.of(id);
    return new InferenceResponse(modelName, version(), name, tensors, parameters, () -> {});
  }

  private long version() {
    boolean isNumber =
        !modelVersion.isEmpty()
            && modelVersion.length() <= MAX_VERSION_DIGITS
            && modelVersion.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber) {
      throw new IllegalArgumentException(
          "model_version: '%s' (expected: a number)".formatted(modelVersion));
    }
    return Long.parseLong(modelVersion);
  }

  /** The bytes of a field where they lie. */
  private MemorySegment slice(CodedInputStream in, int tag) throws IOException {
    int outer = enter(in, tag);
    int start = in.getTotalBytesRead();
    int length = in.getBytesUntilLimit();
    in.skipRawBytes(length);
    in.popLimit(outer);
    return MemorySegment.ofArray(message).asSlice(start, length);
  }

  /** Narrows the input to the field that begins here; {@code popLimit} of the result widens it. */
  static int enter(CodedInputStream in, int tag) throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED, tag);
    return in.pushLimit(in.readRawVarint32());
  }

  static String text(CodedInputStream in, int tag) throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED, tag);
    return in.readStringRequireUtf8();
  }

  static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new IllegalArgumentException("an end of group that never began");
    }
  }

  static void expect(int wireType, int tag) {
    if ((tag & 7) != wireType) {
      throw new IllegalArgumentException(
          "field %d: wire type %d (expected: %d)".formatted(tag >>> 3, tag & 7, wireType));
    }
  }

  /** Reads one entry of a map of parameters; one that holds no value is left out. */
  static void readParameter(CodedInputStream in, int tag, Map<String, Parameter> into)
      throws IOException {
    int outer = enter(in, tag);
    String key = "";
    InferParameter value = InferParameter.getDefaultInstance();
    for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
      switch (inner >>> 3) {
        case 1 -> key = text(in, inner);
        case 2 -> {
          int whole = enter(in, inner);
          value = InferParameter.parseFrom(in);
          in.popLimit(whole);
        }
        default -> skip(in, inner);
      }
    }
    in.popLimit(outer);
    String name = key;
    parameter(value).ifPresent(parameter -> into.put(name, parameter));
  }

  private static Optional<Parameter> parameter(InferParameter value) {
    return switch (value.getParameterChoiceCase()) {
      case BOOL_PARAM -> Optional.of(new Parameter.Bool(value.getBoolParam()));
      case INT64_PARAM -> Optional.of(new Parameter.Int64(value.getInt64Param()));
      case UINT64_PARAM -> Optional.of(new Parameter.Uint64(value.getUint64Param()));
      case STRING_PARAM -> Optional.of(new Parameter.Text(value.getStringParam()));
      case DOUBLE_PARAM -> Optional.of(new Parameter.Real(value.getDoubleParam()));
      case PARAMETERCHOICE_NOT_SET -> Optional.empty();
    };
  }
}
