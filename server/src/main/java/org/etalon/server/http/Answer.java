package org.etalon.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.JsonText;
import org.etalon.server.internal.WireStatus;

/**
 * What a request is answered with. Either {@link #encode} or {@link #discard} is called, once, and
 * gives back what the answer holds.
 */
interface Answer {
  String JSON = "application/json";

  /** Makes the response, which the caller releases. */
  FullHttpResponse encode(ByteBufAllocator allocator);

  /** The asker is gone. */
  default void discard() {}

  /** About how many bytes the response has: long ones are not made on an event loop. */
  default long byteSize() {
    return 0;
  }

  /** A response already made. */
  record Ready(FullHttpResponse response) implements Answer {
    @Override
    public FullHttpResponse encode(ByteBufAllocator allocator) {
      return response;
    }

    @Override
    public void discard() {
      response.release();
    }
  }

  /** A status alone. */
  static Answer empty(HttpResponseStatus status) {
    return new Ready(response(status, Unpooled.EMPTY_BUFFER));
  }

  /** 200 with a JSON document. */
  static Answer json(byte[] document) {
    return json(HttpResponseStatus.OK, document);
  }

  static Ready error(HttpResponseStatus status, String message) {
    return json(status, JsonText.error(message));
  }

  static Ready error(ServingException error) {
    return error(error, String.valueOf(error.getMessage()));
  }

  static Ready error(ServingException error, String message) {
    Ready answer = error(HttpResponseStatus.valueOf(WireStatus.of(error.code()).http()), message);
    if (error.code() == ErrorCode.UNAUTHENTICATED) {
      answer.response().headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    return answer;
  }

  private static Ready json(HttpResponseStatus status, byte[] document) {
    FullHttpResponse response = response(status, Unpooled.wrappedBuffer(document));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, JSON);
    return new Ready(response);
  }

  /** A response of these bytes, which it owns. */
  static FullHttpResponse response(HttpResponseStatus status, ByteBuf body) {
    return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
  }
}
