package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * Puts header blocks together and decodes them (HPACK, RFC 7541). Owned by one event loop.
 *
 * <p>Blocks are decoded also where the stream is refused, since each may change the table that all
 * later ones refer to.
 */
final class HeaderBlocks {
  /** Continuations of a block; honest clients need none for what is allowed here. */
  private static final int MAX_CONTINUATIONS = 64;

  private final DefaultHttp2HeadersDecoder decoder;
  private final ByteBufAllocator allocator;
  private final KnownBlocks known = new KnownBlocks();
  private final int maxBytes;
  private @Nullable ByteBuf open;
  private int openStreamId;
  private boolean openEndsStream;
  private int continuations;

  HeaderBlocks(int maxBytes, ByteBufAllocator allocator) {
    this.decoder = new DefaultHttp2HeadersDecoder(true, maxBytes);
    this.allocator = allocator;
    this.maxBytes = maxBytes;
  }

  /** True between a HEADERS frame without END_HEADERS and its last CONTINUATION. */
  boolean isOpen() {
    return open != null;
  }

  int openStreamId() {
    return openStreamId;
  }

  boolean openEndsStream() {
    return openEndsStream;
  }

  /** Keeps the first part of a block. */
  void begin(int streamId, boolean endsStream, ByteBuf buffer, int at, int length) {
    openStreamId = streamId;
    openEndsStream = endsStream;
    continuations = 0;
    open = allocator.buffer(2 * length).writeBytes(buffer, at, length);
  }

  /** Adds a part; a block without end ends the connection. */
  void append(ByteBuf buffer, int at, int length) throws Http2Fault {
    ByteBuf block = open;
    if (block == null) {
      throw new IllegalStateException("no header block is open");
    }
    continuations++;
    // Encoded, headers take no more than decoded, but for a byte or two each.
    if (continuations > MAX_CONTINUATIONS || block.readableBytes() + length > 2L * maxBytes) {
      throw Http2Fault.ofConnection(
          Http2Error.ENHANCE_YOUR_CALM,
          "headers in %d frames, above %d bytes (expected: at most %d)"
              .formatted(continuations, block.readableBytes(), maxBytes));
    }
    block.writeBytes(buffer, at, length);
  }

  /** Decodes the block kept. */
  Http2Headers end() throws Http2Fault {
    ByteBuf block = open;
    if (block == null) {
      throw new IllegalStateException("no header block is open");
    }
    open = null;
    known.forget();
    try {
      return decode(openStreamId, block);
    } finally {
      block.release();
    }
  }

  /** Decodes a block that came whole. Nobody may change what it means. */
  Http2Headers decode(int streamId, ByteBuf buffer, int at, int length) throws Http2Fault {
    Http2Headers meaning = known.find(buffer, at, length);
    if (meaning == null) {
      meaning = decode(streamId, buffer.slice(at, length));
      known.decoded(buffer, at, length, meaning);
    }
    return meaning;
  }

  private Http2Headers decode(int streamId, ByteBuf block) throws Http2Fault {
    try {
      return decoder.decodeHeaders(streamId, block);
    } catch (Http2Exception e) {
      known.forget();
      String message = String.valueOf(e.getMessage());
      throw Http2Exception.isStreamError(e)
          ? Http2Fault.ofStream(streamId, e.error(), message)
          : Http2Fault.ofConnection(e.error(), message);
    }
  }

  /** Gives back what it holds. */
  void close() {
    if (open != null) {
      open.release();
      open = null;
    }
  }
}
