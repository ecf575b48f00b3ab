package org.etalon.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.server.observation.Observation;
import org.etalon.server.observation.Protocol;
import org.etalon.server.observation.TraceParent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and the place for its answer. {@link #answer} and {@link #onClientGone} are
 * thread-safe; the rest belongs to whoever handles the request, and after the answer to the
 * connection's event loop.
 *
 * <p>The request's body is kept until the answer is written or thrown away.
 */
final class Exchange {
  /** Above this a response is made on a virtual thread, so that other connections need not wait. */
  private static final long MAX_INLINE_BYTES = 512 << 10;

  /** Compression is some fifty times as much work a byte as copying. */
  private static final long MAX_INLINE_COMPRESSED_BYTES = 8 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private final HttpRequest request;
  private final ContentCoding accepted;
  private final boolean isLast;
  private final ByteBufAllocator allocator;
  private final Runnable onAnswered;
  private final AtomicReference<@Nullable Runnable> onClientGone = new AtomicReference<>();
  private final AtomicBoolean hasAnswer = new AtomicBoolean();
  private final long receivedNanos = System.nanoTime();
  private ByteBuf body;
  private volatile @Nullable Answer answer;
  private volatile @Nullable EventStream stream;

  /**
   * @param body owned from here
   * @param isLast true if the connection is closed behind the answer
   * @param onAnswered run by any thread once the answer, or more of it, is there
   */
  Exchange(
      HttpRequest request,
      ByteBuf body,
      boolean isLast,
      ByteBufAllocator allocator,
      Runnable onAnswered) {
    this.request = request;
    this.accepted = ContentCoding.accepted(request.headers());
    this.body = body;
    this.isLast = isLast;
    this.allocator = allocator;
    this.onAnswered = onAnswered;
  }

  HttpRequest request() {
    return request;
  }

  HttpHeaders headers() {
    return request.headers();
  }

  /** The handler to give the engine in this request's name. */
  ResponseHandler watch(Observation observation, InferenceRequest asked, ResponseHandler handler) {
    String traceParent = headers().get(TraceParent.HEADER);
    return observation.watch(asked, handler, Protocol.HTTP, traceParent, receivedNanos);
  }

  /** The body, valid until the answer is given. */
  MemorySegment body() {
    return MemorySegment.ofBuffer(body.nioBuffer());
  }

  int bodyBytes() {
    return body.readableBytes();
  }

  boolean isLast() {
    return isLast;
  }

  /** Puts the plain body in the place of a compressed one; fails as {@link ContentCoding}. */
  void inflateBody(int maxBytes) {
    ContentCoding coding = ContentCoding.ofRequest(headers());
    if (coding != ContentCoding.IDENTITY) {
      ByteBuf plain = coding.inflate(body, maxBytes, allocator);
      body.release();
      body = plain;
    }
  }

  /** Answers the request; from here nobody may touch its body. A second answer is thrown away. */
  void answer(Answer given) {
    if (!hasAnswer.compareAndSet(false, true)) {
      given.discard();
      return;
    }
    if (isLongWork(given)) {
      Thread.ofVirtual().name("http-encode").start(() -> deliver(new Answer.Ready(encode(given))));
    } else {
      deliver(given);
    }
  }

  /** Answers the request in pieces; whoever adds one says so by {@link #moved}. */
  void stream(EventStream events) {
    if (hasAnswer.compareAndSet(false, true)) {
      stream = events;
      onAnswered.run();
    }
  }

  /** There is more of the stream to write. */
  void moved() {
    onAnswered.run();
  }

  /** The answer's pieces; null if it has none, or comes whole. */
  @Nullable EventStream stream() {
    return stream;
  }

  private boolean isLongWork(Answer given) {
    return given.byteSize()
        > (accepted == ContentCoding.IDENTITY ? MAX_INLINE_BYTES : MAX_INLINE_COMPRESSED_BYTES);
  }

  private void deliver(Answer given) {
    answer = given;
    onAnswered.run();
  }

  /** True when nothing more will come: the answer is there, or its last piece. */
  boolean isAnswered() {
    EventStream pieces = stream;
    return answer != null || (pieces != null && pieces.isEnded());
  }

  /** Runs {@code action} when the client has gone before the answer; at once if it has already. */
  void onClientGone(Runnable action) {
    if (!onClientGone.compareAndSet(null, action)) {
      action.run();
    }
  }

  void clientGone() {
    Runnable action = onClientGone.getAndSet(Exchange::alreadyGone);
    if (action != null) {
      action.run();
    }
  }

  /** What there is left to do for a client that has gone. */
  private static void alreadyGone() {}

  /** The response to write, which the caller owns; gives the body back. */
  FullHttpResponse takeResponse() {
    Answer given = answer;
    if (given == null) {
      throw new IllegalStateException("the request is not answered yet");
    }
    body.release();
    return encode(given);
  }

  private FullHttpResponse encode(Answer given) {
    try {
      return accepted.compress(given.encode(allocator), allocator);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("{} {}: the answer could not be written", request.method(), request.uri(), e);
      String message = "internal error while writing the answer: " + e;
      return Answer.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, message).response();
    }
  }

  /** Gives everything back unwritten. */
  void discard() {
    Answer given = answer;
    if (given != null) {
      given.discard();
    }
    body.release();
  }
}
