package org.etalon.server.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ServingException;
import org.etalon.server.internal.HandOver;
import org.etalon.server.internal.http2.Http2Stream;
import org.etalon.server.internal.http2.Payload;
import org.etalon.server.internal.http2.StreamListener;
import org.etalon.server.observation.Protocol;
import org.etalon.server.observation.TraceParent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: messages in, messages out, a status at the end. Owned by its stream's event loop, which
 * calls the methods that begin with {@code on} one after another.
 *
 * <p>What these methods throw, and actions given to {@link #execute}, is a fault of ours: it ends
 * the call with INTERNAL, as a cancelled one, and nothing else.
 *
 * <p>Messages beyond those {@link #request requested} wait here, and the client gets no credit to
 * send more; those that came before it is known who sends them wait too.
 */
abstract class GrpcCall implements StreamListener {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcCall.class);

  private final Http2Stream stream;
  private final Http2Headers headers;
  private final GrpcSettings settings;
  private @Nullable MessageReader reader;
  private @Nullable ScheduledFuture<?> deadline;
  private int demand;
  private int withoutCredit;

  /** Something that the call cannot go on without is done on another thread. */
  private boolean isPaused;

  private boolean isDelivering;

  private boolean hasClientEnded;
  private boolean hasToldEnd;
  private boolean hasHeaders;
  private boolean isClosed;

  GrpcCall(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
    this.stream = stream;
    this.headers = headers;
    this.settings = settings;
  }

  /** Another message, which the call now owns. */
  abstract void onMessage(ReceivedMessage message);

  /** The client sends no more messages. */
  abstract void onHalfClose();

  /** The call has ended before it was closed: the client has gone, or its deadline has passed. */
  abstract void onCancel();

  /** Answers no longer wait for the client to read. */
  void onReady() {}

  /** Goes on once it is known who calls, and for how long the client waits. */
  final void begin(OptionalLong timeoutNanos) {
    if (timeoutNanos.isPresent()) {
      deadline =
          stream.eventLoop().schedule(this::expire, timeoutNanos.getAsLong(), TimeUnit.NANOSECONDS);
    }
    if (!settings.access().isImmediate(authorization())) {
      isPaused = true;
      settings.executor().execute(this::authenticate);
    }
  }

  /** On a thread that may block. */
  private void authenticate() {
    Status status = Status.OK;
    try {
      settings.access().authenticate(authorization());
    } catch (ServingException e) {
      status = GrpcStatuses.of(e);
    } catch (RuntimeException e) {
      status = Status.INTERNAL.withDescription("access control failed: " + e);
    }
    Status found = status;
    execute(() -> {
      isPaused = false;
      if (found.isOk()) {
        deliver();
      } else {
        fail(found);
      }
    });
  }

  final @Nullable String authorization() {
    CharSequence value = headers.get(HttpHeaderNames.AUTHORIZATION);
    return value == null ? null : value.toString();
  }

  /** The first header of that name, in lower case. */
  final @Nullable String header(String name) {
    CharSequence value = headers.get(name);
    return value == null ? null : value.toString();
  }

  final Http2Headers headers() {
    return headers;
  }

  /** The request with those of the call's headers that the operator has chosen. */
  final InferenceRequest withForwarded(InferenceRequest request) {
    if (settings.forwarded().isNone()) {
      return request;
    }
    List<Map.Entry<String, String>> names = new ArrayList<>();
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      if (!Http2Headers.PseudoHeaderName.hasPseudoHeaderFormat(header.getKey())) {
        names.add(Map.entry(header.getKey().toString(), header.getValue().toString()));
      }
    }
    return settings.forwarded().addTo(request, names);
  }

  /**
   * The handler to give the engine in a request's name.
   *
   * @param receivedNanos when the request came, on {@link System#nanoTime}'s clock
   */
  final ResponseHandler watch(
      InferenceRequest request, ResponseHandler handler, long receivedNanos) {
    return settings
        .observation()
        .watch(request, handler, Protocol.GRPC, header(TraceParent.HEADER), receivedNanos);
  }

  final GrpcSettings settings() {
    return settings;
  }

  /** Runs an action on the event loop; false if that has ended, with all connections. */
  final boolean execute(Runnable action) {
    return new HandOver(stream.eventLoop()).execute(() -> guard(action));
  }

  /** The event loop would swallow what is thrown, and the client wait. */
  private void guard(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a call failed", e);
      fail(Status.INTERNAL.withDescription(GrpcStatuses.clip("internal error: " + e)));
    }
  }

  /** Lets so many more messages in. */
  final void request(int messages) {
    demand += messages;
    int credit = withoutCredit;
    withoutCredit = 0;
    if (credit > 0) {
      stream.consumed(credit);
    }
    deliver();
  }

  @Override
  public final void onData(ByteBuf buffer, int at, int length) {
    boolean isWanted = demand > (reader == null ? 0 : reader.count());
    if (isWanted) {
      stream.consumed(length);
    } else {
      withoutCredit += length;
    }
    if (isClosed) {
      return;
    }
    guard(() -> take(buffer, at, length, isWanted));
  }

  private void take(ByteBuf buffer, int at, int length, boolean isWanted) {
    if (reader == null && isWanted && !isPaused) {
      ReceivedMessage only = MessageReader.only(buffer, at, length, settings.maxMessageBytes());
      if (only != null) {
        demand--;
        onMessage(only);
        return;
      }
    }
    read(buffer, at, length);
  }

  private void read(ByteBuf buffer, int at, int length) {
    MessageReader cutting = reader;
    if (cutting == null) {
      cutting = new MessageReader(settings.maxMessageBytes(), settings.allocator());
      reader = cutting;
    }
    try {
      cutting.read(buffer, at, length);
    } catch (StatusException e) {
      fail(e.getStatus());
      return;
    }
    deliver();
  }

  @Override
  public final void onEnd() {
    guard(this::end);
  }

  private void end() {
    hasClientEnded = true;
    if (reader != null && !reader.isBetweenMessages()) {
      fail(Status.INTERNAL.withDescription("the call ended within a message"));
      return;
    }
    deliver();
  }

  private void deliver() {
    if (isDelivering) {
      return; // a message lets the next in
    }
    isDelivering = true;
    try {
      deliverAll();
    } finally {
      isDelivering = false;
    }
  }

  private void deliverAll() {
    while (demand > 0 && !isPaused && !isClosed) {
      ReceivedMessage message = reader == null ? null : reader.poll();
      if (message == null) {
        break;
      }
      demand--;
      if (message.isCompressed()) {
        inflate(message);
      } else {
        onMessage(message);
      }
    }
    boolean isEnd = hasClientEnded && !isPaused && (reader == null || reader.count() == 0);
    if (isEnd && !hasToldEnd && !isClosed) {
      hasToldEnd = true;
      onHalfClose();
    }
  }

  /** What a few bytes expand to may take long. */
  private void inflate(ReceivedMessage message) {
    isPaused = true;
    MessageCoding coding =
        MessageCoding.named(header("grpc-encoding")).orElse(MessageCoding.IDENTITY);
    settings.executor().execute(() -> inflate(message, coding));
  }

  private void inflate(ReceivedMessage message, MessageCoding coding) {
    try {
      ReceivedMessage plain =
          coding.inflate(message, settings.maxMessageBytes(), settings.allocator());
      if (!execute(() -> goOn(plain))) {
        plain.release();
      }
    } catch (StatusException e) {
      execute(() -> fail(e.getStatus()));
    } catch (RuntimeException | OutOfMemoryError e) {
      execute(() -> fail(Status.INTERNAL.withDescription("decompression failed: " + e)));
    }
  }

  private void goOn(ReceivedMessage plain) {
    isPaused = false;
    if (isClosed) {
      plain.release();
      return;
    }
    onMessage(plain);
    deliver();
  }

  final boolean isClosed() {
    return isClosed;
  }

  /** True if an answer sent now leaves soon. */
  final boolean isWritable() {
    return stream.isWritable();
  }

  /** Sends headers without waiting for the first message; later calls do nothing. */
  final void sendHeaders() {
    if (!hasHeaders && !isClosed) {
      hasHeaders = true;
      stream.sendHeaders(GrpcBlocks.headers(coding()));
    }
  }

  private MessageCoding coding() {
    return settings.compression() == ResponseCompression.NONE
        ? MessageCoding.IDENTITY
        : MessageCoding.accepted(headers.get("grpc-accept-encoding"));
  }

  /** Sends a message, which writes itself without its prefix. */
  final void sendMessage(Payload message) {
    if (isClosed) {
      return;
    }
    sendHeaders();
    MessageCoding coding = coding();
    if (coding == MessageCoding.IDENTITY) {
      stream.sendData(new PrefixedMessage(message));
      return;
    }
    int level = settings.compression().level();
    ByteBuf compressed = PrefixedMessage.compressed(message, coding, level, settings.allocator());
    try {
      stream.sendData(new BufferPayload(compressed));
    } finally {
      compressed.release();
    }
  }

  /** Ends the call; later calls do nothing. */
  final void close(Status status) {
    if (isClosed) {
      return;
    }
    finish();
    if (hasHeaders) {
      stream.end(GrpcBlocks.trailers(status));
    } else {
      stream.sendOnlyHeaders(GrpcBlocks.trailersOnly(status));
    }
  }

  /** Ends the call with a status that its own logic knows nothing of. */
  private void fail(Status status) {
    if (!isClosed) {
      try {
        close(status);
      } finally {
        onCancel();
      }
    }
  }

  private void expire() {
    fail(Status.DEADLINE_EXCEEDED.withDescription("the deadline of the call has passed"));
  }

  @Override
  public final void onGone() {
    if (!isClosed) {
      finish();
      onCancel();
    }
  }

  private void finish() {
    isClosed = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (reader != null) {
      reader.close();
    }
  }

  @Override
  public final void onWritable() {
    if (!isClosed) {
      guard(this::onReady);
    }
  }
}
