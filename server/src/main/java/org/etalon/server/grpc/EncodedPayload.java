package org.etalon.server.grpc;

import io.netty.buffer.ByteBuf;
import org.etalon.protocol.wire.EncodedMessage;
import org.etalon.server.internal.http2.Payload;

/** An encoded message, which writes itself straight into the send buffer. */
record EncodedPayload(EncodedMessage message) implements Payload {
  @Override
  public int size() {
    return message.size();
  }

  @Override
  public void writeTo(ByteBuf target) {
    int size = message.size();
    target.ensureWritable(size);
    message.writeTo(target.internalNioBuffer(target.writerIndex(), size));
    target.writerIndex(target.writerIndex() + size);
  }
}
