package org.etalon.server.internal.http2;

import io.netty.handler.codec.http2.Http2Error;

/** What a client did against the protocol; ends one stream, or the connection. */
final class Http2Fault extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int CONNECTION = 0;

  private final Http2Error error;
  private final int streamId;

  private Http2Fault(Http2Error error, int streamId, String message) {
    super(message, null, false, false); // a client can cause many: no stack trace
    this.error = error;
    this.streamId = streamId;
  }

  static Http2Fault ofConnection(Http2Error error, String message) {
    return new Http2Fault(error, CONNECTION, message);
  }

  static Http2Fault ofStream(int streamId, Http2Error error, String message) {
    return new Http2Fault(error, streamId, message);
  }

  Http2Error error() {
    return error;
  }

  boolean endsConnection() {
    return streamId == CONNECTION;
  }

  int streamId() {
    return streamId;
  }
}
