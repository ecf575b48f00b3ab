package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * What header blocks meant that came lately. Clients send the same headers with every call, and a
 * block means the same again as long as no block between has changed HPACK's table (RFC 7541,
 * section 2.3.2). Owned by one event loop.
 */
final class KnownBlocks {
  private static final int KEPT = 4;
  private static final int MAX_BYTES = 512;

  private static final int INDEXED = 0x80;
  private static final int CHANGES_TABLE = 0x60; // incremental indexing, or the table's size
  private static final int LITERAL_INDEX = 0x0f;
  private static final int LENGTH = 0x7f;

  private final ByteBuf[] blocks = new ByteBuf[KEPT];
  private final Http2Headers[] meanings = new Http2Headers[KEPT];
  private int count;
  private int next;

  /** What such a block means; null if that is not known. Nobody may change it. */
  @Nullable Http2Headers find(ByteBuf buffer, int at, int length) {
    for (int i = 0; i < count; i++) {
      ByteBuf block = blocks[i];
      if (block.readableBytes() == length && ByteBufUtil.equals(block, 0, buffer, at, length)) {
        return meanings[i];
      }
    }
    return null;
  }

  /** A block has been decoded. */
  void decoded(ByteBuf buffer, int at, int length, Http2Headers meaning) {
    if (changesTable(buffer, at, at + length)) {
      count = 0;
      next = 0;
    } else if (length <= MAX_BYTES) {
      blocks[next] = Unpooled.buffer(length).writeBytes(buffer, at, length);
      meanings[next] = meaning;
      count = Math.max(count, next + 1);
      next = (next + 1) % KEPT;
    }
  }

  /** A block of which nothing is known has been decoded. */
  void forget() {
    count = 0;
    next = 0;
  }

  /** Walks over a block that was found valid (RFC 7541, section 6). */
  private static boolean changesTable(ByteBuf buffer, int from, int end) {
    int at = from;
    while (at < end) {
      int first = buffer.getUnsignedByte(at);
      if ((first & INDEXED) != 0) {
        at = afterNumber(buffer, at, LENGTH);
      } else if ((first & CHANGES_TABLE) != 0) {
        return true;
      } else {
        boolean hasName = (first & LITERAL_INDEX) == 0;
        at = afterNumber(buffer, at, LITERAL_INDEX);
        at = hasName ? afterText(buffer, at) : at;
        at = afterText(buffer, at);
      }
    }
    return false;
  }

  private static int afterNumber(ByteBuf buffer, int at, int mask) {
    int end = at + 1;
    if ((buffer.getByte(at) & mask) == mask) {
      while (buffer.getByte(end) < 0) {
        end++;
      }
      end++;
    }
    return end;
  }

  private static int afterText(ByteBuf buffer, int at) {
    int length = buffer.getByte(at) & LENGTH;
    int end = at + 1;
    if (length == LENGTH) {
      int shift = 0;
      int part;
      do {
        part = buffer.getByte(end++);
        length += (part & LENGTH) << shift;
        shift += 7;
      } while (part < 0);
    }
    return end + length;
  }
}
