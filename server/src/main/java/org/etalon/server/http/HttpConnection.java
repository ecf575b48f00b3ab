package org.etalon.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etalon.server.internal.HandOver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: collects its requests, starts them in their order and writes their
 * answers in the same order, whichever is ready first. Owned by its event loop, but for {@link
 * #answered}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends in channelInactive
final class HttpConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

  /** How long a refused client may take to read why, before what it still sends resets it. */
  private static final long LINGER_MILLIS = 2_000;

  /** A body in JSON above this is parsed on a virtual thread. */
  private static final int MAX_INLINE_BODY_BYTES = 256 << 10;

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final HttpConfig config;
  private final Router router;
  private final Channel channel;
  private final Queue<Exchange> unanswered = new ArrayDeque<>();
  private final Queue<Exchange> unstarted = new ArrayDeque<>();
  private final AtomicBoolean isWriteScheduled = new AtomicBoolean();
  private final EventWriter events;
  private @Nullable Incoming incoming;
  private boolean isStarting;
  private boolean isReading;
  private boolean isRefusing;
  private boolean isDraining;
  private boolean isClosed;

  /** A request whose body is still coming. */
  private record Incoming(HttpRequest head, RequestBody body, boolean awaitsContinue) {}

  HttpConnection(HttpConfig config, Router router, Channel channel) {
    this.config = config;
    this.router = router;
    this.channel = channel;
    this.events = new EventWriter(channel);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    isReading = true;
    if (isRefusing) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest head) {
      begin(head);
    }
    if (message instanceof HttpContent content) {
      receive(content);
    }
  }

  private void begin(HttpRequest head) {
    if (head.decoderResult().isFailure()) {
      refuse(head, Refusal.of(head.decoderResult().cause()));
      return;
    }
    long announced = HttpUtil.getContentLength(head, 0L);
    if (announced > config.maxBodyBytes()) {
      refuse(head, Refusal.tooLong(announced, config.maxBodyBytes()));
      return;
    }
    var body = new RequestBody(config.maxBodyBytes(), channel.alloc());
    incoming = new Incoming(head, body, HttpUtil.is100ContinueExpected(head));
    sendContinue();
  }

  private void receive(HttpContent content) {
    Incoming request = incoming;
    if (request == null) { // refused above, and this its end
      content.release();
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      refuse(request.head(), Refusal.of(content.decoderResult().cause()));
      return;
    }
    if (!request.body().append(content.content())) {
      refuse(request.head(), Refusal.tooLong(config.maxBodyBytes()));
      return;
    }
    if (content instanceof LastHttpContent) {
      incoming = null;
      start(request);
    }
  }

  private void start(Incoming request) {
    boolean isLast = !HttpUtil.isKeepAlive(request.head());
    isRefusing = isLast;
    Exchange exchange = add(request.head(), request.body().take(), isLast);
    unstarted.add(exchange);
    startNext();
  }

  private Exchange add(HttpRequest head, ByteBuf body, boolean isLast) {
    var exchange = new Exchange(head, body, isLast, channel.alloc(), this::answered);
    unanswered.add(exchange);
    return exchange;
  }

  /** Starts requests one after another: one that is slow to start holds those behind it. */
  private void startNext() {
    while (!isStarting && !isClosed && !unstarted.isEmpty()) {
      Exchange exchange = unstarted.remove();
      Router.Task task = router.find(exchange);
      if (!task.isSlow() && !isLongToRead(exchange)) {
        task.run().run();
      } else {
        isStarting = true;
        Thread.ofVirtual().name("http-request").start(() -> runSlowly(exchange, task));
      }
    }
  }

  private static boolean isLongToRead(Exchange exchange) {
    boolean isJson = !exchange.headers().contains(InferAnswer.HEADER_LENGTH);
    return (isJson && exchange.bodyBytes() > MAX_INLINE_BODY_BYTES)
        || exchange.headers().contains(HttpHeaderNames.CONTENT_ENCODING);
  }

  private void runSlowly(Exchange exchange, Router.Task task) {
    try {
      Router.guard(
          exchange,
          () -> {
            exchange.inflateBody(config.maxBodyBytes());
            task.run().run();
          });
    } finally {
      execute(() -> {
        isStarting = false;
        startNext();
        abandonUnstarted();
      });
    }
  }

  /** Called by any thread when an exchange has its answer. */
  private void answered() {
    if (channel.eventLoop().inEventLoop() && isReading) {
      return; // written when all that was read is handled
    }
    if (isWriteScheduled.compareAndSet(false, true)) {
      execute(this::writeAnswers);
    }
  }

  private void execute(Runnable task) {
    if (!new HandOver(channel.eventLoop()).execute(task)) {
      LOG.debug("the event loop of {} has ended", channel);
      discardAfterTheEnd();
    }
  }

  /** The front was closed with requests in flight: their answers have no other thread to go to. */
  private synchronized void discardAfterTheEnd() {
    isWriteScheduled.set(false);
    discardAnswered();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    isReading = false;
    writeAnswers();
  }

  /** Writes every answer whose turn has come, with one flush. */
  private void writeAnswers() {
    isWriteScheduled.set(false);
    if (isClosed) {
      discardAnswered();
      return;
    }
    boolean wrote = false;
    for (Exchange first = unanswered.peek();
        first != null && (first.isAnswered() || first.stream() != null);
        first = unanswered.peek()) {
      wrote = true;
      EventStream stream = first.stream();
      if (stream == null) {
        unanswered.remove();
        write(first);
      } else if (events.write(first, stream)) {
        unanswered.remove();
        first.discard();
        finish(first);
      } else {
        break;
      }
    }
    if (wrote) {
      channel.flush();
      sendContinue();
    }
    throttle();
  }

  private boolean isLast(Exchange exchange) {
    return exchange.isLast() || (isDraining && unanswered.isEmpty() && incoming == null);
  }

  /** Ends a stream of events, and the connection with it where it is the last. */
  private void finish(Exchange exchange) {
    boolean isLast = isLast(exchange) || events.needsEnd(exchange);
    ChannelFuture written = events.end();
    if (isLast) {
      isRefusing = true;
      written.addListener(this::closeGently);
    }
  }

  private void write(Exchange exchange) {
    boolean isLast = isLast(exchange);
    FullHttpResponse response = exchange.takeResponse();
    HttpUtil.setContentLength(response, response.content().readableBytes());
    HttpUtil.setKeepAlive(response.headers(), exchange.request().protocolVersion(), !isLast);
    if (!isLast) {
      channel.write(response, channel.voidPromise());
      return;
    }
    isRefusing = true;
    channel.write(response).addListener(this::closeGently);
  }

  /** Lets the client read the answer: closing with unread input pending would reset it. */
  private void closeGently(io.netty.util.concurrent.Future<? super Void> written) {
    if (!written.isSuccess()) {
      channel.close();
      return;
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    ChannelFuture half =
        tls == null ? ((DuplexChannel) channel).shutdownOutput() : tls.closeOutbound();
    half.addListener(_ ->
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS));
    channel.config().setAutoRead(true);
  }

  /** Answers a request that cannot be taken, behind those before it; what follows is not read. */
  private void refuse(HttpRequest head, Refusal refusal) {
    dropIncoming();
    isRefusing = true;
    Exchange exchange = add(head, Unpooled.EMPTY_BUFFER, true);
    exchange.answer(Answer.error(refusal.status(), refusal.message()));
  }

  /** Tells a client that waits for it to send its body, once nothing else is owed. */
  private void sendContinue() {
    Incoming request = incoming;
    if (request == null || !request.awaitsContinue() || !unanswered.isEmpty()) {
      return;
    }
    incoming = new Incoming(request.head(), request.body(), false);
    // Past the codec, which would take it for the answer.
    channel
        .pipeline()
        .context(HttpServerCodec.class)
        .writeAndFlush(Unpooled.wrappedBuffer(CONTINUE), channel.voidPromise());
  }

  /** Reads no further while the client has too much in flight or does not read its answers. */
  private void throttle() {
    boolean mayRead =
        isRefusing || (unanswered.size() < config.maxPipelined() && channel.isWritable());
    if (channel.config().isAutoRead() != mayRead) {
      channel.config().setAutoRead(mayRead);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (channel.isWritable()) {
      writeAnswers();
    }
    throttle();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent && (unanswered.isEmpty() || !channel.isWritable())) {
      channel.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection {} broke", channel, cause);
    } else {
      LOG.warn("connection {} is closed after a fault", channel, cause);
    }
    channel.close();
  }

  /** Closes the connection as soon as nothing is owed on it. */
  void drain() {
    isDraining = true;
    if (unanswered.isEmpty() && incoming == null && !isRefusing) {
      channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    isClosed = true;
    dropIncoming();
    abandonUnstarted();
    unanswered.forEach(Exchange::clientGone);
    discardAnswered();
  }

  private void abandonUnstarted() {
    if (isClosed) {
      unanswered.removeAll(unstarted);
      unstarted.forEach(Exchange::discard);
      unstarted.clear();
    }
  }

  private void discardAnswered() {
    unanswered.removeIf(exchange -> {
      if (exchange.isAnswered()) {
        exchange.discard();
      }
      return exchange.isAnswered();
    });
  }

  private void dropIncoming() {
    if (incoming != null) {
      incoming.body().release();
      incoming = null;
    }
  }
}
