package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * What each frame of a client means, and which are faults (RFC 9113, section 6). Owned by one event
 * loop.
 */
final class FrameRules implements FrameReader.Sink {
  private static final int MAX_FRAME_LIMIT = (1 << 24) - 1;

  private final Http2Connection connection;
  private final HeaderBlocks headers;
  private final FloodGuard flood;
  private boolean hasSettings;

  FrameRules(Http2Connection connection, HeaderBlocks headers, FloodGuard flood) {
    this.connection = connection;
    this.headers = headers;
    this.flood = flood;
  }

  @Override
  public void frame(int type, int flags, int streamId, ByteBuf buffer, int at, int length)
      throws Http2Fault {
    requireOrder(type, streamId);
    try {
      switch (type) {
        case FrameType.DATA -> data(flags, streamId, buffer, at, length);
        case FrameType.HEADERS -> headers(flags, streamId, buffer, at, length);
        case FrameType.CONTINUATION -> continuation(flags, buffer, at, length);
        case FrameType.PRIORITY -> priority(streamId, buffer, at, length);
        case FrameType.RST_STREAM -> reset(streamId, length);
        case FrameType.SETTINGS -> settings(flags, streamId, buffer, at, length);
        case FrameType.PING -> ping(flags, streamId, buffer, at, length);
        case FrameType.GOAWAY -> requireConnection(streamId, "GOAWAY");
        case FrameType.WINDOW_UPDATE -> windowUpdate(streamId, buffer, at, length);
        case FrameType.PUSH_PROMISE -> throw protocol("a client does not push");
        default -> flood.idleFrame(); // unknown types are ignored
      }
    } catch (Http2Fault e) {
      if (e.endsConnection()) {
        throw e;
      }
      connection.reset(e.streamId(), e.error());
    }
  }

  private static Http2Fault protocol(String message) {
    return Http2Fault.ofConnection(Http2Error.PROTOCOL_ERROR, message);
  }

  private static Http2Fault size(String frame, int length) {
    return Http2Fault.ofConnection(
        Http2Error.FRAME_SIZE_ERROR, "%s of %d bytes".formatted(frame, length));
  }

  /** Settings come first, and nothing between the parts of a header block. */
  private void requireOrder(int type, int streamId) throws Http2Fault {
    if (!hasSettings && type != FrameType.SETTINGS) {
      throw protocol("the first frame has type %d (expected: SETTINGS)".formatted(type));
    }
    boolean isContinuation = type == FrameType.CONTINUATION;
    if (headers.isOpen() != isContinuation
        || (isContinuation && streamId != headers.openStreamId())) {
      throw protocol("a header block and its CONTINUATION frames are torn apart");
    }
  }

  private static void requireConnection(int streamId, String frame) throws Http2Fault {
    if (streamId != 0) {
      throw protocol(frame + " on a stream");
    }
  }

  /** Streams of clients have odd numbers (RFC 9113, section 5.1.1). */
  private static void requireStream(int streamId, String frame) throws Http2Fault {
    if ((streamId & 1) == 0) {
      throw protocol("%s on stream %d (expected: an odd one)".formatted(frame, streamId));
    }
  }

  private static int padding(int flags, ByteBuf buffer, int at, int length) throws Http2Fault {
    if ((flags & FrameType.PADDED) == 0) {
      return 0;
    }
    int padding = length == 0 ? 0 : 1 + buffer.getUnsignedByte(at);
    if (length == 0 || padding > length) {
      throw protocol("padding beyond its frame");
    }
    return padding;
  }

  private void data(int flags, int streamId, ByteBuf buffer, int at, int length) throws Http2Fault {
    requireStream(streamId, "DATA");
    connection.received(length);
    int padding = padding(flags, buffer, at, length);
    Http2Stream stream = connection.stream(streamId);
    if (stream == null || stream.hasClientEnded()) {
      connection.credit(length);
      refuseLate(streamId, stream != null, Http2Error.STREAM_CLOSED);
      return;
    }
    boolean isLast = (flags & FrameType.END_STREAM) != 0;
    int content = length - padding;
    if (content == 0 && !isLast) {
      flood.idleFrame();
    } else {
      flood.received();
    }
    stream.received(length, content, isLast);
    if (padding > 0) {
      stream.padded(padding);
    }
    if (content > 0) {
      int start = (flags & FrameType.PADDED) == 0 ? at : at + 1;
      stream.listener().onData(buffer, start, content);
    }
    if (isLast) {
      stream.listener().onEnd();
    }
  }

  /** Something on a stream that has ended, or was never there. */
  private void refuseLate(int streamId, boolean isOpen, Http2Error error) throws Http2Fault {
    if (!isOpen && streamId > connection.lastStreamId()) {
      throw protocol("a frame on stream %d, which is not open".formatted(streamId));
    }
    if (isOpen || !connection.closed().wasEndedHereFirst(streamId)) {
      throw Http2Fault.ofStream(streamId, error, "the stream has ended");
    }
  }

  private void headers(int flags, int streamId, ByteBuf buffer, int at, int length)
      throws Http2Fault {
    requireStream(streamId, "HEADERS");
    int padding = padding(flags, buffer, at, length);
    boolean isPadded = (flags & FrameType.PADDED) != 0;
    boolean hasPriority = (flags & FrameType.WITH_PRIORITY) != 0;
    int from = at + (isPadded ? 1 : 0);
    int start = from + (hasPriority ? 5 : 0);
    int end = at + length - (padding - (isPadded ? 1 : 0));
    if (start > end) {
      throw protocol("a header block shorter than its own fields");
    }
    boolean dependsOnItself = hasPriority && (buffer.getInt(from) & Integer.MAX_VALUE) == streamId;
    boolean endsStream = (flags & FrameType.END_STREAM) != 0;
    if ((flags & FrameType.END_HEADERS) == 0) {
      headers.begin(streamId, endsStream, buffer, start, end - start);
      return;
    }
    Http2Headers decoded = headers.decode(streamId, buffer, start, end - start);
    if (dependsOnItself) {
      throw Http2Fault.ofStream(
          streamId, Http2Error.PROTOCOL_ERROR, "the stream depends on itself");
    }
    begin(streamId, endsStream, decoded);
  }

  private void continuation(int flags, ByteBuf buffer, int at, int length) throws Http2Fault {
    headers.append(buffer, at, length);
    if ((flags & FrameType.END_HEADERS) != 0) {
      int streamId = headers.openStreamId();
      boolean endsStream = headers.openEndsStream();
      begin(streamId, endsStream, headers.end());
    }
  }

  private void begin(int streamId, boolean endsStream, Http2Headers decoded) throws Http2Fault {
    Http2Stream stream = connection.stream(streamId);
    if (stream != null) {
      trailers(stream, endsStream, decoded);
    } else if (streamId > connection.lastStreamId()) {
      connection.open(streamId, endsStream, decoded);
    } else if (connection.closed().wasEndedByClient(streamId)) {
      throw Http2Fault.ofConnection(
          Http2Error.STREAM_CLOSED, "headers on stream %d, which has ended".formatted(streamId));
    } else if (!connection.closed().wasEndedHereFirst(streamId)) {
      throw protocol(
          "stream %d behind stream %d (expected: ascending)"
              .formatted(streamId, connection.lastStreamId()));
    }
  }

  private static void trailers(Http2Stream stream, boolean endsStream, Http2Headers decoded)
      throws Http2Fault {
    if (stream.hasClientEnded()) {
      throw Http2Fault.ofStream(
          stream.id(), Http2Error.STREAM_CLOSED, "headers behind the end of the stream");
    }
    boolean isWithPseudo =
        decoded.method() != null
            || decoded.path() != null
            || decoded.scheme() != null
            || decoded.authority() != null;
    if (!endsStream || isWithPseudo) {
      throw Http2Fault.ofStream(stream.id(), Http2Error.PROTOCOL_ERROR, "trailers that are none");
    }
    stream.clientEnds();
    stream.listener().onEnd();
  }

  private void priority(int streamId, ByteBuf buffer, int at, int length) throws Http2Fault {
    flood.idleFrame();
    if (streamId == 0) {
      throw protocol("PRIORITY without a stream");
    }
    if (length != 5) {
      throw Http2Fault.ofStream(
          streamId, Http2Error.FRAME_SIZE_ERROR, "PRIORITY of %d bytes".formatted(length));
    }
    if ((buffer.getInt(at) & Integer.MAX_VALUE) == streamId) {
      throw Http2Fault.ofStream(
          streamId, Http2Error.PROTOCOL_ERROR, "the stream depends on itself");
    }
  }

  private void reset(int streamId, int length) throws Http2Fault {
    requireStream(streamId, "RST_STREAM");
    if (length != 4) {
      throw size("RST_STREAM", length);
    }
    if (streamId > connection.lastStreamId()) {
      throw protocol("RST_STREAM on stream %d, which is not open".formatted(streamId));
    }
    flood.reset();
    connection.resetByClient(streamId);
  }

  private void settings(int flags, int streamId, ByteBuf buffer, int at, int length)
      throws Http2Fault {
    requireConnection(streamId, "SETTINGS");
    boolean isAck = (flags & FrameType.ACK) != 0;
    if (isAck ? length != 0 : length % 6 != 0) {
      throw size("SETTINGS", length);
    }
    if (!hasSettings) {
      hasSettings = true;
      connection.shaken();
    }
    if (isAck) {
      return;
    }
    flood.idleFrame();
    for (int i = at; i < at + length; i += 6) {
      setting(buffer.getUnsignedShort(i), buffer.getUnsignedInt(i + 2));
    }
    connection.output().settingsAck();
    connection.output().pump(); // windows may have grown
    connection.flushSoon();
  }

  private void setting(int identifier, long value) throws Http2Fault {
    switch (identifier) {
      case Http2CodecUtil.SETTINGS_ENABLE_PUSH -> {
        if (value > 1) {
          throw protocol("ENABLE_PUSH: " + value);
        }
      }
      case Http2CodecUtil.SETTINGS_INITIAL_WINDOW_SIZE -> {
        if (value > Integer.MAX_VALUE) {
          throw Http2Fault.ofConnection(
              Http2Error.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE: " + value);
        }
        connection.peerWindow((int) value);
      }
      case Http2CodecUtil.SETTINGS_MAX_FRAME_SIZE -> {
        if (value < FrameType.MAX_PAYLOAD_BYTES || value > MAX_FRAME_LIMIT) {
          throw protocol("MAX_FRAME_SIZE: " + value);
        }
        // Larger frames would hold the connection's other streams up.
      }
      default -> {} // the others bind this side to nothing that it does
    }
  }

  private void ping(int flags, int streamId, ByteBuf buffer, int at, int length) throws Http2Fault {
    requireConnection(streamId, "PING");
    if (length != 8) {
      throw size("PING", length);
    }
    long content = buffer.getLong(at);
    if ((flags & FrameType.ACK) != 0) {
      connection.pingAnswered(content);
      return;
    }
    flood.ping(System.nanoTime(), connection.isIdle());
    connection.output().ping(content, true);
    connection.flushSoon();
  }

  private void windowUpdate(int streamId, ByteBuf buffer, int at, int length) throws Http2Fault {
    if (length != 4) {
      throw size("WINDOW_UPDATE", length);
    }
    int bytes = buffer.getInt(at) & Integer.MAX_VALUE;
    if (streamId == 0) {
      if (bytes == 0) {
        throw protocol("WINDOW_UPDATE of 0 bytes");
      }
      connection.output().grow(bytes);
      connection.flushSoon();
      return;
    }
    if (streamId > connection.lastStreamId()) {
      throw protocol("WINDOW_UPDATE on stream %d, which is not open".formatted(streamId));
    }
    if (bytes == 0) {
      throw Http2Fault.ofStream(streamId, Http2Error.PROTOCOL_ERROR, "WINDOW_UPDATE of 0 bytes");
    }
    Http2Stream stream = connection.stream(streamId);
    if (stream != null) {
      stream.grow(bytes);
      connection.output().pump();
      connection.flushSoon();
    }
  }
}
