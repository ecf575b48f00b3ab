package org.etalon.server.internal.http2;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;

/** What the headers of every request must have (RFC 9113, section 8.3.1). */
final class RequestRules {
  private RequestRules() {}

  static void check(Http2Stream stream, Http2Headers headers) throws Http2Fault {
    if (headers.method() == null
        || headers.scheme() == null
        || headers.path() == null
        || headers.path().isEmpty()
        || headers.status() != null) {
      throw malformed(stream, "a request without :method, :scheme or :path");
    }
    CharSequence length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null) {
      try {
        stream.contentLength(Long.parseUnsignedLong(length.toString()));
      } catch (NumberFormatException e) {
        throw malformed(stream, "content-length: " + length);
      }
    }
  }

  private static Http2Fault malformed(Http2Stream stream, String message) {
    return Http2Fault.ofStream(stream.id(), Http2Error.PROTOCOL_ERROR, message);
  }
}
