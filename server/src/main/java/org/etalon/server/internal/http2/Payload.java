package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;

/** Bytes that write themselves, once. */
public interface Payload {
  int size();

  /** Appends exactly {@link #size} bytes. */
  void writeTo(ByteBuf target);
}
