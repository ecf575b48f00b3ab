package org.etalon.protocol.wire;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferRequest.InferInputTensor;
import org.etalon.protocol.proto.ModelInferRequest.InferRequestedOutputTensor;

/**
 * A request as the bytes of a {@code ModelInferRequest}. Immutable and thread-safe, but for the
 * tensors' memory.
 *
 * <p>What is small (names, shapes, parameters) is encoded once, at construction; the elements are
 * read from the tensors' memory anew at each {@link #writeTo}, as {@code raw_input_contents}, so a
 * request can be sent again without a copy of it. Borrows that memory while {@link #writeTo} runs.
 */
public final class InferRequestEncoder {
  /** As much as stays in the first-level cache on its way from off-heap memory to the stream. */
  private static final int CHUNK_BYTES = 8192;

  private final List<Tensor> inputs;
  private final byte[] head;
  private final int size;

  /**
   * Encodes all but the elements.
   *
   * @throws ServingException INVALID_ARGUMENT if the message would reach 2 GiB, the most that
   *     protobuf allows, or a parameter has the name of one of the request's own fields
   */
  public InferRequestEncoder(InferenceRequest request) {
    inputs = request.inputs();
    Map<String, Parameter> parameters = RequestParameters.of(request);
    long total = headSize(request, parameters);
    byte[] bytes = new byte[checked(total, request)];
    for (Tensor input : inputs) {
      long length = input.data().byteSize();
      total += rawTagSize(length) + length;
    }
    size = checked(total, request);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      writeHead(request, parameters, out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("head of a request differs from its computed size", e);
    }
    head = bytes;
  }

  /** The message's size in bytes. */
  public int size() {
    return size;
  }

  /**
   * Writes the whole message.
   *
   * @throws IllegalStateException if a tensor's memory was given back before its time
   */
  public void writeTo(OutputStream out) throws IOException {
    out.write(head);
    byte[] chunk = new byte[Math.min(size - head.length, CHUNK_BYTES)]; // holds a tag by its size
    for (Tensor input : inputs) {
      MemorySegment data = input.data();
      out.write(chunk, 0, rawTag(chunk, data.byteSize()));
      writeData(data, chunk, out);
    }
  }

  private static void writeData(MemorySegment data, byte[] chunk, OutputStream out)
      throws IOException {
    if (!data.isReadOnly() && data.heapBase().orElse(null) instanceof byte[] array) {
      out.write(array, Math.toIntExact(data.address()), Math.toIntExact(data.byteSize()));
      return;
    }
    for (long at = 0; at < data.byteSize(); at += chunk.length) {
      int length = (int) Math.min(chunk.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, length);
      out.write(chunk, 0, length);
    }
  }

  private static int rawTag(byte[] chunk, long length) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(chunk);
    out.writeTag(ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER, 2);
    out.writeUInt32NoTag((int) length);
    return out.getTotalBytesWritten();
  }

  private static long rawTagSize(long length) {
    return 1L + CodedOutputStream.computeUInt64SizeNoTag(length);
  }

  private static int checked(long bytes, InferenceRequest request) {
    if (bytes > Integer.MAX_VALUE) {
      throw ServingException.invalid(
          "request of %d bytes for model '%s' (expected: less than 2 GiB; send fewer rows at a time)"
              .formatted(bytes, request.model()));
    }
    return (int) bytes;
  }

  private static long headSize(InferenceRequest request, Map<String, Parameter> parameters) {
    long total =
        CodedOutputStream.computeStringSize(
            ModelInferRequest.MODEL_NAME_FIELD_NUMBER, request.model().name());
    if (request.model().version().isPresent()) {
      total +=
          CodedOutputStream.computeStringSize(
              ModelInferRequest.MODEL_VERSION_FIELD_NUMBER, version(request));
    }
    if (request.id().isPresent()) {
      total +=
          CodedOutputStream.computeStringSize(
              ModelInferRequest.ID_FIELD_NUMBER, request.id().get());
    }
    total += RequestParameters.size(ModelInferRequest.PARAMETERS_FIELD_NUMBER, parameters);
    for (Tensor input : request.inputs()) {
      total += messageSize(inputSize(input));
    }
    for (RequestedOutput output : request.outputs()) {
      total += messageSize(outputSize(output));
    }
    return total;
  }

  private static void writeHead(
      InferenceRequest request, Map<String, Parameter> parameters, CodedOutputStream out)
      throws IOException {
    out.writeString(ModelInferRequest.MODEL_NAME_FIELD_NUMBER, request.model().name());
    if (request.model().version().isPresent()) {
      out.writeString(ModelInferRequest.MODEL_VERSION_FIELD_NUMBER, version(request));
    }
    if (request.id().isPresent()) {
      out.writeString(ModelInferRequest.ID_FIELD_NUMBER, request.id().get());
    }
    RequestParameters.write(ModelInferRequest.PARAMETERS_FIELD_NUMBER, parameters, out);
    for (Tensor input : request.inputs()) {
      out.writeTag(ModelInferRequest.INPUTS_FIELD_NUMBER, 2);
      out.writeUInt32NoTag(inputSize(input));
      writeInput(input, out);
    }
    for (RequestedOutput output : request.outputs()) {
      out.writeTag(ModelInferRequest.OUTPUTS_FIELD_NUMBER, 2);
      out.writeUInt32NoTag(outputSize(output));
      out.writeString(InferRequestedOutputTensor.NAME_FIELD_NUMBER, output.name());
      RequestParameters.write(
          InferRequestedOutputTensor.PARAMETERS_FIELD_NUMBER, output.parameters(), out);
    }
  }

  private static String version(InferenceRequest request) {
    return Long.toString(request.model().version().orElseThrow());
  }

  private static int inputSize(Tensor input) {
    int total =
        CodedOutputStream.computeStringSize(InferInputTensor.NAME_FIELD_NUMBER, input.name())
            + CodedOutputStream.computeStringSize(
                InferInputTensor.DATATYPE_FIELD_NUMBER, input.datatype().name());
    return input.shape().rank() == 0 ? total : total + messageSize(dimsSize(input.shape()));
  }

  private static int dimsSize(Shape shape) {
    int total = 0;
    for (int i = 0; i < shape.rank(); i++) {
      total += CodedOutputStream.computeInt64SizeNoTag(shape.dim(i));
    }
    return total;
  }

  private static void writeInput(Tensor input, CodedOutputStream out) throws IOException {
    out.writeString(InferInputTensor.NAME_FIELD_NUMBER, input.name());
    out.writeString(InferInputTensor.DATATYPE_FIELD_NUMBER, input.datatype().name());
    Shape shape = input.shape();
    if (shape.rank() > 0) {
      out.writeTag(InferInputTensor.SHAPE_FIELD_NUMBER, 2);
      out.writeUInt32NoTag(dimsSize(shape));
      for (int i = 0; i < shape.rank(); i++) {
        out.writeInt64NoTag(shape.dim(i));
      }
    }
  }

  private static int outputSize(RequestedOutput output) {
    return CodedOutputStream.computeStringSize(
            InferRequestedOutputTensor.NAME_FIELD_NUMBER, output.name())
        + RequestParameters.size(
            InferRequestedOutputTensor.PARAMETERS_FIELD_NUMBER, output.parameters());
  }

  /** Size of a field below 16 that holds {@code length} bytes: tag, length, bytes. */
  private static int messageSize(int length) {
    return 1 + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
  }
}
