package org.etalon.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * Collects a request's body into one piece of memory. Owned by one thread.
 *
 * <p>A body that came in one piece stays in the receive buffer. Memory for a longer one grows as
 * its bytes arrive, whatever length was announced.
 */
final class RequestBody {
  private static final int INITIAL_BYTES = 64 << 10;

  private final int maxBytes;
  private final ByteBufAllocator allocator;
  private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
  private boolean isCopy;

  RequestBody(int maxBytes, ByteBufAllocator allocator) {
    this.maxBytes = maxBytes;
    this.allocator = allocator;
  }

  /**
   * Adds a piece, which this owns from here.
   *
   * @return false if the body became too long
   */
  boolean append(ByteBuf piece) {
    int length = piece.readableBytes();
    if (length > maxBytes - bytes.readableBytes()) {
      piece.release();
      return false;
    }
    if (length == 0) {
      piece.release();
    } else if (!bytes.isReadable()) {
      bytes = piece;
    } else {
      copy(piece, length);
    }
    return true;
  }

  private void copy(ByteBuf piece, int length) {
    try {
      reserve(bytes.readableBytes() + length);
      bytes.writeBytes(piece);
    } finally {
      piece.release();
    }
  }

  private void reserve(int needed) {
    if (isCopy && bytes.capacity() >= needed) {
      return;
    }
    long doubled = Math.max(INITIAL_BYTES, 2L * Math.max(needed, bytes.capacity()));
    int capacity = (int) Math.min(maxBytes, doubled);
    if (isCopy) {
      bytes.capacity(capacity);
      return;
    }
    ByteBuf first = bytes;
    bytes = allocator.directBuffer(capacity, maxBytes).writeBytes(first);
    first.release();
    isCopy = true;
  }

  /** The whole body, the caller's from here. */
  ByteBuf take() {
    ByteBuf whole = bytes;
    bytes = Unpooled.EMPTY_BUFFER;
    return whole;
  }

  void release() {
    take().release();
  }
}
