package org.etalon.server.internal.http2;

import io.netty.handler.codec.http2.Http2Headers;

/** Answers streams. Called on their event loops. */
@FunctionalInterface
public interface Http2Service {
  /**
   * A client has opened a stream. What comes on it goes to the listener, which may answer from here
   * on.
   */
  StreamListener open(Http2Stream stream, Http2Headers headers);
}
