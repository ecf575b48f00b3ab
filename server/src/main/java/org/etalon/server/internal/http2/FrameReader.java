package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes from a socket into frames, in place; only a frame that is torn between two reads
 * is put together. Owned by one event loop.
 */
final class FrameReader {
  /** Takes frames. */
  interface Sink {
    /**
     * @param buffer holds the payload, valid until return unless retained
     * @param at where the payload begins
     */
    void frame(int type, int flags, int streamId, ByteBuf buffer, int at, int length)
        throws Http2Fault;
  }

  private final Sink sink;
  private final ByteBufAllocator allocator;
  private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();

  /** The beginning of a torn frame. */
  private @Nullable ByteBuf torn;

  FrameReader(Sink sink, ByteBufAllocator allocator) {
    this.sink = sink;
    this.allocator = allocator;
  }

  /** Takes what was read; the caller releases it. */
  void read(ByteBuf input) throws Http2Fault {
    skipPreface(input);
    while (input.isReadable()) {
      if (torn != null) {
        mend(torn, input);
      } else if (isWhole(input)) {
        emit(input);
      } else {
        torn = allocator.directBuffer(FrameType.HEAD_BYTES + FrameType.MAX_PAYLOAD_BYTES);
        torn.writeBytes(input);
      }
    }
  }

  /** What every HTTP/2 client sends first (RFC 9113, section 3.4). */
  private void skipPreface(ByteBuf input) throws Http2Fault {
    while (preface.isReadable() && input.isReadable()) {
      if (preface.readByte() != input.readByte()) {
        throw Http2Fault.ofConnection(
            Http2Error.PROTOCOL_ERROR, "no HTTP/2 connection preface (expected: gRPC over HTTP/2)");
      }
    }
  }

  private static boolean isWhole(ByteBuf input) throws Http2Fault {
    int available = input.readableBytes();
    return available >= FrameType.HEAD_BYTES
        && available >= FrameType.HEAD_BYTES + payloadLength(input, input.readerIndex());
  }

  private static int payloadLength(ByteBuf buffer, int at) throws Http2Fault {
    int length = buffer.getUnsignedMedium(at);
    if (length > FrameType.MAX_PAYLOAD_BYTES) {
      throw Http2Fault.ofConnection(
          Http2Error.FRAME_SIZE_ERROR,
          "a frame of %d bytes (expected: at most %d)"
              .formatted(length, FrameType.MAX_PAYLOAD_BYTES));
    }
    return length;
  }

  private void mend(ByteBuf frame, ByteBuf input) throws Http2Fault {
    fill(frame, input, FrameType.HEAD_BYTES);
    if (frame.readableBytes() < FrameType.HEAD_BYTES) {
      return;
    }
    int whole = FrameType.HEAD_BYTES + payloadLength(frame, 0);
    fill(frame, input, whole);
    if (frame.readableBytes() == whole) {
      torn = null;
      try {
        emit(frame);
      } finally {
        frame.release();
      }
    }
  }

  private static void fill(ByteBuf frame, ByteBuf input, int size) {
    int missing = size - frame.readableBytes();
    if (missing > 0) {
      frame.writeBytes(input, Math.min(missing, input.readableBytes()));
    }
  }

  private void emit(ByteBuf buffer) throws Http2Fault {
    int at = buffer.readerIndex();
    int length = buffer.getUnsignedMedium(at);
    int type = buffer.getUnsignedByte(at + 3);
    int flags = buffer.getUnsignedByte(at + 4);
    int streamId = buffer.getInt(at + 5) & Integer.MAX_VALUE;
    int payload = at + FrameType.HEAD_BYTES;
    buffer.readerIndex(payload + length);
    sink.frame(type, flags, streamId, buffer, payload, length);
  }

  /** Gives back what it holds. */
  void close() {
    preface.release();
    if (torn != null) {
      torn.release();
      torn = null;
    }
  }
}
