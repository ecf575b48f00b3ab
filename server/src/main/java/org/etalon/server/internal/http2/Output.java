package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What leaves on a connection. Frames are collected in one buffer until {@link #flush}; data that
 * the client has no window for, or the socket no room, waits with its stream. Owned by one event
 * loop.
 */
final class Output {
  private static final int BUFFER_BYTES = 8 << 10;

  /** Clients may allow more, but longer frames would hold other streams up. */
  private static final int MAX_PAYLOAD = FrameType.MAX_PAYLOAD_BYTES;

  /** Above this a piece of data is handed on as it is rather than copied. */
  private static final int MAX_COPIED_BYTES = 4 << 10;

  private final Channel channel;
  private final FloodGuard flood;
  private final Queue<Http2Stream> waiting = new ArrayDeque<>();
  private @Nullable ByteBuf buffer;
  private long window = Http2CodecUtil.DEFAULT_WINDOW_SIZE;
  private long waitingBytes;

  Output(Channel channel, FloodGuard flood) {
    this.channel = channel;
    this.flood = flood;
  }

  /** Bytes that wait for the client to read. */
  long waitingBytes() {
    return waitingBytes;
  }

  private ByteBuf frame(int length, int type, int flags, int streamId) {
    ByteBuf out = buffer;
    if (out == null) {
      out = channel.alloc().directBuffer(BUFFER_BYTES);
      buffer = out;
    }
    out.ensureWritable(FrameType.HEAD_BYTES + length);
    out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(streamId);
    return out;
  }

  void headers(int streamId, HeaderBlock block, boolean endsStream) {
    flood.sent();
    byte[] bytes = block.bytes();
    int first = Math.min(bytes.length, MAX_PAYLOAD);
    int flags =
        (endsStream ? FrameType.END_STREAM : 0)
            | (first == bytes.length ? FrameType.END_HEADERS : 0);
    frame(first, FrameType.HEADERS, flags, streamId).writeBytes(bytes, 0, first);
    for (int at = first; at < bytes.length; at += MAX_PAYLOAD) {
      int length = Math.min(MAX_PAYLOAD, bytes.length - at);
      int end = at + length == bytes.length ? FrameType.END_HEADERS : 0;
      frame(length, FrameType.CONTINUATION, end, streamId).writeBytes(bytes, at, length);
    }
  }

  /** Sends data in a whole if it may leave now; else it waits with its stream. */
  void data(Http2Stream stream, Payload payload) {
    int size = payload.size();
    boolean mayLeave =
        !stream.isWaiting()
            && size <= MAX_PAYLOAD
            && size <= window
            && size <= stream.sendWindow()
            && channel.isWritable();
    if (mayLeave) {
      ByteBuf out = frame(size, FrameType.DATA, 0, stream.id());
      int start = out.writerIndex() - FrameType.HEAD_BYTES;
      try {
        payload.writeTo(out);
      } catch (RuntimeException | Error e) {
        out.writerIndex(start); // half a frame would be the end of all other streams
        throw e;
      }
      window -= size;
      stream.sent(size);
      return;
    }
    ByteBuf kept = channel.alloc().directBuffer(Math.max(1, size));
    try {
      payload.writeTo(kept);
    } catch (RuntimeException | Error e) {
      kept.release();
      throw e;
    }
    waitingBytes += size;
    enqueue(stream);
    stream.keep(kept);
    pump();
  }

  private void enqueue(Http2Stream stream) {
    if (!stream.isWaiting()) {
      waiting.add(stream);
    }
  }

  /** Ends the client-bound side once all data before it has left. */
  void end(Http2Stream stream, @Nullable HeaderBlock trailers) {
    if (stream.isWaiting()) {
      stream.keepEnd(trailers);
    } else {
      writeEnd(stream, trailers);
    }
  }

  private void writeEnd(Http2Stream stream, @Nullable HeaderBlock trailers) {
    if (trailers == null) {
      frame(0, FrameType.DATA, FrameType.END_STREAM, stream.id());
    } else {
      headers(stream.id(), trailers, true);
    }
    stream.ended();
  }

  /** Sends what waits and now may leave: one frame of each stream in turn. */
  void pump() {
    int blocked = 0; // streams in a row whose own window is used up
    while (blocked < waiting.size() && window > 0 && channel.isWritable()) {
      Http2Stream stream = waiting.remove();
      ByteBuf data = stream.firstWaiting();
      if (data == null) { // reset meanwhile
        continue;
      }
      long may = Math.min(Math.min(window, stream.sendWindow()), MAX_PAYLOAD);
      int length = (int) Math.min(may, data.readableBytes());
      if (length <= 0 && data.isReadable()) {
        waiting.add(stream);
        blocked++;
        continue;
      }
      blocked = 0;
      send(stream, data, length);
      if (!data.isReadable()) {
        stream.removeFirstWaiting();
      }
      if (stream.isWaiting()) {
        waiting.add(stream);
      } else if (stream.hasEnd()) {
        writeEnd(stream, stream.waitingEnd());
      } else {
        stream.listener().onWritable();
      }
    }
  }

  private void send(Http2Stream stream, ByteBuf data, int length) {
    ByteBuf out = frame(length <= MAX_COPIED_BYTES ? length : 0, FrameType.DATA, 0, stream.id());
    if (length <= MAX_COPIED_BYTES) {
      out.writeBytes(data, length);
    } else {
      out.setMedium(out.writerIndex() - FrameType.HEAD_BYTES, length);
      write();
      var _ = channel.write(data.readRetainedSlice(length), channel.voidPromise());
    }
    flood.sent();
    window -= length;
    waitingBytes -= length;
    stream.sent(length);
  }

  /** The stream's data is thrown away. */
  void forget(long bytes) {
    waitingBytes -= bytes;
  }

  /** The client takes more. */
  void grow(long bytes) throws Http2Fault {
    window += bytes;
    if (window > Integer.MAX_VALUE) {
      throw Http2Fault.ofConnection(
          Http2Error.FLOW_CONTROL_ERROR, "a connection window above 2^31-1");
    }
    pump();
  }

  void windowUpdate(int streamId, int bytes) {
    frame(4, FrameType.WINDOW_UPDATE, 0, streamId).writeInt(bytes);
  }

  void reset(int streamId, Http2Error error) {
    frame(4, FrameType.RST_STREAM, 0, streamId).writeInt((int) error.code());
  }

  void ping(long content, boolean isAnswer) {
    frame(8, FrameType.PING, isAnswer ? FrameType.ACK : 0, 0).writeLong(content);
  }

  void settingsAck() {
    frame(0, FrameType.SETTINGS, FrameType.ACK, 0);
  }

  void settings(int... identifiersAndValues) {
    ByteBuf out = frame(identifiersAndValues.length * 3, FrameType.SETTINGS, 0, 0);
    for (int i = 0; i < identifiersAndValues.length; i += 2) {
      out.writeShort(identifiersAndValues[i]).writeInt(identifiersAndValues[i + 1]);
    }
  }

  void goAway(int lastStreamId, Http2Error error, byte[] text) {
    frame(8 + text.length, FrameType.GOAWAY, 0, 0)
        .writeInt(lastStreamId)
        .writeInt((int) error.code())
        .writeBytes(text);
  }

  private void write() {
    ByteBuf out = buffer;
    if (out != null) {
      buffer = null;
      var _ = channel.write(out, channel.voidPromise());
    }
  }

  /** Hands all that was collected to the socket. */
  void flush() {
    write();
    channel.flush();
  }

  /** Gives back what it holds; streams give back what waits with them. */
  void close() {
    waiting.clear();
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }
}
