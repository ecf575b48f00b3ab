package org.etalon.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Writes a connection's streams of events, one at a time, no faster than the client reads. Owned by
 * the connection's event loop; flushing is its owner's.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in channelInactive
final class EventWriter {
  private final Channel channel;

  /** The exchange whose headers are out and whose end is not. */
  private @Nullable Exchange open;

  EventWriter(Channel channel) {
    this.channel = channel;
  }

  /**
   * Writes what there is and the client has room for.
   *
   * @return true once all of the stream is written but its {@link #end}
   */
  boolean write(Exchange exchange, EventStream stream) {
    if (open != exchange) {
      open = exchange;
      channel.write(head(exchange), channel.voidPromise());
    }
    boolean isEnded = stream.isEnded(); // asked first: what came before its end is seen below
    while (channel.isWritable()) {
      byte[] event = stream.poll();
      if (event == null) {
        return isEnded;
      }
      channel.write(new DefaultHttpContent(Unpooled.wrappedBuffer(event)), channel.voidPromise());
    }
    return false;
  }

  private static HttpResponse head(Exchange exchange) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    HttpUtil.setTransferEncodingChunked(head, !isOld(exchange));
    HttpVersion version = exchange.request().protocolVersion();
    HttpUtil.setKeepAlive(head.headers(), version, !exchange.isLast() && !isOld(exchange));
    return head;
  }

  /** True for a client that knows of no chunks: the end of the connection is the stream's. */
  boolean needsEnd(Exchange exchange) {
    return isOld(exchange);
  }

  private static boolean isOld(Exchange exchange) {
    return !exchange.request().protocolVersion().isKeepAliveDefault();
  }

  ChannelFuture end() {
    open = null;
    return channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
  }
}
