package org.etalon.server.grpc;

import io.netty.buffer.ByteBuf;
import org.etalon.server.internal.http2.Payload;

/** Bytes that lie in a buffer, borrowed. */
record BufferPayload(ByteBuf bytes) implements Payload {
  @Override
  public int size() {
    return bytes.readableBytes();
  }

  @Override
  public void writeTo(ByteBuf target) {
    target.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
  }
}
