package org.etalon.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.json.BinaryOutputs;
import org.etalon.protocol.json.JsonResponseEncoder;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.RequestErrors;

/** A model's response, to be copied from its outputs' memory into a send buffer. */
record InferAnswer(
    InferenceResponse response, BinaryOutputs binary, Map<String, SharedMemory.Place> places)
    implements Answer {
  static final String HEADER_LENGTH = "inference-header-content-length";
  private static final String OCTETS = "application/octet-stream";
  private static final int JSON_BYTES_PER_OUTPUT = 128;

  /** JSON takes about three times the bytes of the numbers in it. */
  private static final int JSON_GROWTH = 3;

  @Override
  public FullHttpResponse encode(ByteBufAllocator allocator) {
    try (response) {
      long size = byteSize();
      if (size > Integer.MAX_VALUE) {
        throw new ServingException(
            ErrorCode.UNIMPLEMENTED,
            "outputs of %d bytes (expected: less than 2 GiB in one HTTP response)".formatted(size));
      }
      return encode(allocator.directBuffer((int) size));
    } catch (ServingException e) {
      return Answer.error(e, RequestErrors.text(response.id(), e)).encode(allocator);
    }
  }

  private FullHttpResponse encode(ByteBuf body) {
    boolean isWhole = false;
    try {
      JsonResponseEncoder.write(response, binary, places, new ByteBufOutputStream(body));
      int jsonLength = body.readableBytes();
      boolean hasBinary = JsonResponseEncoder.hasBinary(response, binary, places);
      if (hasBinary) {
        writeBinary(body);
      }
      FullHttpResponse made = Answer.response(HttpResponseStatus.OK, body);
      made.headers().set(HttpHeaderNames.CONTENT_TYPE, hasBinary ? OCTETS : JSON);
      if (hasBinary) {
        made.headers().set(HEADER_LENGTH, Integer.toString(jsonLength));
      }
      isWhole = true;
      return made;
    } finally {
      if (!isWhole) {
        body.release();
      }
    }
  }

  private void writeBinary(ByteBuf body) {
    for (Tensor output : response.outputs()) {
      if (binary.contains(output.name()) && !places.containsKey(output.name())) {
        int size = Math.toIntExact(output.data().byteSize());
        body.ensureWritable(size);
        MemorySegment.ofBuffer(body.nioBuffer(body.writerIndex(), size)).copyFrom(output.data());
        body.writerIndex(body.writerIndex() + size);
      }
    }
  }

  @Override
  public void discard() {
    response.close();
  }

  @Override
  public long byteSize() {
    long size = JSON_BYTES_PER_OUTPUT;
    for (Tensor output : response.outputs()) {
      long data = places.containsKey(output.name()) ? 0 : output.data().byteSize();
      size += JSON_BYTES_PER_OUTPUT + (binary.contains(output.name()) ? data : JSON_GROWTH * data);
    }
    return size;
  }
}
