package org.etalon.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.etalon.server.internal.http2.Payload;

/** A message behind its prefix: whether it is compressed, and its length. */
record PrefixedMessage(Payload message) implements Payload {
  @Override
  public int size() {
    return MessageReader.PREFIX_BYTES + message.size();
  }

  @Override
  public void writeTo(ByteBuf target) {
    target.writeByte(0).writeInt(message.size());
    message.writeTo(target);
  }

  /** The message compressed, with its prefix, in memory that the caller releases. */
  static ByteBuf compressed(
      Payload message, MessageCoding coding, int level, ByteBufAllocator allocator) {
    ByteBuf plain = allocator.directBuffer(Math.max(1, message.size()));
    ByteBuf compressed = allocator.directBuffer();
    boolean isWhole = false;
    try {
      message.writeTo(plain);
      compressed.writeByte(1).writeInt(0);
      coding.deflate(plain, compressed, level);
      compressed.setInt(1, compressed.readableBytes() - MessageReader.PREFIX_BYTES);
      isWhole = true;
      return compressed;
    } finally {
      plain.release();
      if (!isWhole) {
        compressed.release();
      }
    }
  }
}
