package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;

/** Is told what a client does on a stream. Called on the stream's event loop. */
public interface StreamListener {
  /**
   * A piece of the client's data, valid until return unless the buffer is retained. The client gets
   * no new credit for it before {@link Http2Stream#consumed}.
   *
   * @param at where in the buffer it begins
   */
  void onData(ByteBuf buffer, int at, int length);

  /** The client has sent all that it will. */
  void onEnd();

  /** The client, or the connection, has gone before the answer was whole. Nothing follows. */
  void onGone();

  /** More can be sent without being kept in memory. */
  void onWritable();
}
