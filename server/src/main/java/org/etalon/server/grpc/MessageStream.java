package org.etalon.server.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.etalon.protocol.wire.EncodedMessage;
import org.jspecify.annotations.Nullable;

/**
 * An encoded message in the form that gRPC sends without a copy of its own: it says its length and
 * writes itself. Owned by one thread.
 */
final class MessageStream extends InputStream implements KnownLength, Drainable {
  private @Nullable EncodedMessage message;
  private @Nullable InputStream copy;

  MessageStream(EncodedMessage message) {
    this.message = message;
  }

  @Override
  public int available() throws IOException {
    if (copy != null) {
      return copy.available();
    }
    return message == null ? 0 : message.size();
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    if (copy != null) {
      return Math.toIntExact(copy.transferTo(target));
    }
    if (message == null) {
      return 0;
    }
    int size = message.size();
    message.writeTo(target);
    message = null;
    return size;
  }

  @Override
  public int read() throws IOException {
    return copied().read();
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    return copied().read(target, offset, length);
  }

  /** The message once more, for a reader that does not let it write itself. */
  private InputStream copied() throws IOException {
    if (copy == null) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(available());
      drainTo(bytes);
      copy = new ByteArrayInputStream(bytes.toByteArray());
    }
    return copy;
  }
}
