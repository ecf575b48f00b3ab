package org.etalon.protocol.wire;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferResponse;
import org.etalon.protocol.proto.ModelStreamInferResponse;

/**
 * Lays a response out as a {@code ModelInferResponse}, outputs always as {@code
 * raw_output_contents}, straight from the outputs' memory.
 */
public final class InferResponseEncoder {
  private static final int MODEL_NAME = 1;
  private static final int MODEL_VERSION = 2;
  private static final int ID = 3;
  private static final int OUTPUT = 5;
  private static final int RAW_OUTPUT = 6;

  private static final int TENSOR_NAME = 1;
  private static final int TENSOR_DATATYPE = 2;
  private static final int TENSOR_SHAPE = 3;

  private static final int STREAMED_RESPONSE = 2;

  /** All fields here have numbers below 16, whose tags take one byte. */
  private static final int TAG_BYTES = 1;

  private static final byte[] NOTHING = {};
  private static final MemorySegment NO_DATA = MemorySegment.ofArray(NOTHING);

  private final InferenceResponse response;
  private final String version;
  private final byte[] parameters;
  private final Map<String, SharedMemory.Place> places;

  private InferResponseEncoder(InferenceResponse response, Map<String, SharedMemory.Place> places) {
    this.places = places;
    this.response = response;
    this.version = Long.toString(response.modelVersion());
    this.parameters = encodeParameters(response);
  }

  /**
   * A {@code ModelInferResponse}.
   *
   * @param response borrowed until the message has been written
   * @param places of the outputs that lie in shared memory, and so not in the message
   * @throws ServingException INTERNAL if it does not fit a message, 2 GiB
   */
  public static EncodedMessage encode(
      InferenceResponse response, Map<String, SharedMemory.Place> places) {
    return new InferResponseEncoder(response, places).encode(false);
  }

  /** The same with every output in the message. */
  public static EncodedMessage encode(InferenceResponse response) {
    return encode(response, Map.of());
  }

  /** The same inside a {@code ModelStreamInferResponse}. */
  public static EncodedMessage encodeStreamed(
      InferenceResponse response, Map<String, SharedMemory.Place> places) {
    return new InferResponseEncoder(response, places).encode(true);
  }

  /** The same with every output in the message. */
  public static EncodedMessage encodeStreamed(InferenceResponse response) {
    return encodeStreamed(response, Map.of());
  }

  /** A {@code ModelStreamInferResponse} that says why one request of the stream failed. */
  public static EncodedMessage encodeStreamedError(Optional<String> id, String message) {
    byte[] encoded =
        ModelStreamInferResponse.newBuilder()
            .setErrorMessage(message)
            .setInferResponse(ModelInferResponse.newBuilder().setId(id.orElse("")))
            .build()
            .toByteArray();
    return new EncodedMessage(encoded, new int[0], List.of(), encoded.length);
  }

  private EncodedMessage encode(boolean isStreamed) {
    List<Tensor> outputs = response.outputs();
    int frame = headSize();
    long data = 0;
    for (Tensor output : outputs) {
      long bytes = raw(output).byteSize();
      frame += TAG_BYTES + CodedOutputStream.computeUInt64SizeNoTag(bytes);
      data += bytes;
    }
    int body = checkSize(frame + data);
    int wrapping = isStreamed ? TAG_BYTES + CodedOutputStream.computeUInt32SizeNoTag(body) : 0;
    byte[] encoded = new byte[wrapping + frame];
    int[] cuts = new int[outputs.size()];
    List<MemorySegment> inserts = new ArrayList<>(cuts.length);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(encoded);
      if (isStreamed) {
        out.writeTag(STREAMED_RESPONSE, WireReader.LENGTH_DELIMITED);
        out.writeUInt32NoTag(body);
      }
      writeHead(out);
      for (int i = 0; i < cuts.length; i++) {
        MemorySegment raw = raw(outputs.get(i));
        out.writeTag(RAW_OUTPUT, WireReader.LENGTH_DELIMITED);
        out.writeUInt32NoTag((int) raw.byteSize());
        cuts[i] = out.getTotalBytesWritten();
        inserts.add(raw);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("a response was measured wrongly", e);
    }
    return new EncodedMessage(encoded, cuts, inserts, checkSize((long) wrapping + body));
  }

  /** What stands in the message: nothing of an output that lies elsewhere, but a place for it. */
  private MemorySegment raw(Tensor output) {
    return isElsewhere(output) ? NO_DATA : output.data();
  }

  private boolean isElsewhere(Tensor output) {
    return !places.isEmpty() && places.containsKey(output.name());
  }

  private int checkSize(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new ServingException(
          ErrorCode.INTERNAL,
          "the answer of model '%s' takes %d bytes (expected: at most %d in one message; ask for fewer outputs or rows)"
              .formatted(response.modelName(), bytes, Integer.MAX_VALUE));
    }
    return (int) bytes;
  }

  private int headSize() {
    int size =
        CodedOutputStream.computeStringSize(MODEL_NAME, response.modelName())
            + CodedOutputStream.computeStringSize(MODEL_VERSION, version)
            + parameters.length;
    if (response.id().isPresent()) {
      size += CodedOutputStream.computeStringSize(ID, response.id().get());
    }
    for (Tensor output : response.outputs()) {
      int tensor = tensorSize(output);
      size += TAG_BYTES + CodedOutputStream.computeUInt32SizeNoTag(tensor) + tensor;
    }
    return size;
  }

  private void writeHead(CodedOutputStream out) throws IOException {
    out.writeString(MODEL_NAME, response.modelName());
    out.writeString(MODEL_VERSION, version);
    if (response.id().isPresent()) {
      out.writeString(ID, response.id().get());
    }
    out.writeRawBytes(parameters);
    for (Tensor output : response.outputs()) {
      out.writeTag(OUTPUT, WireReader.LENGTH_DELIMITED);
      out.writeUInt32NoTag(tensorSize(output));
      writeTensor(output, out);
    }
  }

  private int tensorSize(Tensor tensor) {
    int dims = dimsSize(tensor);
    return CodedOutputStream.computeStringSize(TENSOR_NAME, tensor.name())
        + CodedOutputStream.computeStringSize(TENSOR_DATATYPE, tensor.datatype().name())
        + TAG_BYTES
        + CodedOutputStream.computeUInt32SizeNoTag(dims)
        + dims
        + (isElsewhere(tensor) ? placeParameters(tensor).length : 0);
  }

  private void writeTensor(Tensor tensor, CodedOutputStream out) throws IOException {
    out.writeString(TENSOR_NAME, tensor.name());
    out.writeString(TENSOR_DATATYPE, tensor.datatype().name());
    out.writeTag(TENSOR_SHAPE, WireReader.LENGTH_DELIMITED);
    out.writeUInt32NoTag(dimsSize(tensor));
    for (int i = 0; i < tensor.shape().rank(); i++) {
      out.writeInt64NoTag(tensor.shape().dim(i));
    }
    if (isElsewhere(tensor)) {
      out.writeRawBytes(placeParameters(tensor));
    }
  }

  /** A message of the parameters alone, which a parser merges with the fields around it. */
  private byte[] placeParameters(Tensor tensor) {
    SharedMemory.Place place = places.get(tensor.name());
    if (place == null) {
      return NOTHING;
    }
    var message = ModelInferResponse.InferOutputTensor.newBuilder();
    new TreeMap<>(place.parameters())
        .forEach((key, value) -> message.putParameters(key, toProto(value)));
    return message.build().toByteArray();
  }

  private static int dimsSize(Tensor tensor) {
    int size = 0;
    for (int i = 0; i < tensor.shape().rank(); i++) {
      size += CodedOutputStream.computeInt64SizeNoTag(tensor.shape().dim(i));
    }
    return size;
  }

  /** A message of the parameters alone, which a parser merges with the fields around it. */
  private static byte[] encodeParameters(InferenceResponse response) {
    if (response.parameters().isEmpty()) {
      return NOTHING;
    }
    ModelInferResponse.Builder message = ModelInferResponse.newBuilder();
    response.parameters().forEach((key, value) -> message.putParameters(key, toProto(value)));
    return message.build().toByteArray();
  }

  private static InferParameter toProto(Parameter parameter) {
    InferParameter.Builder message = InferParameter.newBuilder();
    return switch (parameter) {
      case Parameter.Bool(boolean value) -> message.setBoolParam(value).build();
      case Parameter.Int64(long value) -> message.setInt64Param(value).build();
      case Parameter.Uint64(long value) -> message.setUint64Param(value).build();
      case Parameter.Text(String value) -> message.setStringParam(value).build();
      case Parameter.Real(double value) -> message.setDoubleParam(value).build();
    };
  }
}
