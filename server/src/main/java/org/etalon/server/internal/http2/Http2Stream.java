package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Owned by its connection's event loop.
 *
 * <p>What is sent after the stream has ended goes nowhere.
 */
public final class Http2Stream {
  private static final StreamListener NOBODY =
      new StreamListener() {
        @Override
        public void onData(ByteBuf buffer, int at, int length) {}

        @Override
        public void onEnd() {}

        @Override
        public void onGone() {}

        @Override
        public void onWritable() {}
      };

  /** A stream above this is not {@link #isWritable}. */
  private static final int MAX_WAITING_BYTES = 64 << 10;

  private final Http2Connection connection;
  private final int id;
  private StreamListener listener = NOBODY;
  private long sendWindow;
  private long receiveWindow;

  /** Received, and not yet consumed by the listener. */
  private int held;

  /** Consumed, and not yet told to the client. */
  private int uncredited;

  private long missingContent;
  private boolean hasContentLength;
  private boolean hasClientEnded;
  private boolean hasEnded;
  private boolean isRemoved;

  /** Data that the client has no window for; made with the first. */
  private @Nullable Queue<ByteBuf> waiting;

  private boolean hasEnd;
  private @Nullable HeaderBlock end;

  Http2Stream(Http2Connection connection, int id, long sendWindow, long receiveWindow) {
    this.connection = connection;
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  public int id() {
    return id;
  }

  /** The thread that all of this belongs to. */
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  /** True if what is sent now leaves soon. */
  public boolean isWritable() {
    return waitingBytes() < MAX_WAITING_BYTES;
  }

  /** Sends the headers of the answer. */
  public void sendHeaders(HeaderBlock headers) {
    if (!hasEnded) {
      connection.output().headers(id, headers, false);
      connection.flushSoon();
    }
  }

  /** Answers with headers alone. */
  public void sendOnlyHeaders(HeaderBlock headers) {
    endWith(headers);
  }

  /** Sends a piece of the answer. */
  public void sendData(Payload payload) {
    if (!hasEnded && !hasEnd) {
      connection.output().data(this, payload);
      connection.flushSoon();
    }
  }

  /** Ends the answer, with these headers behind the data. */
  public void end(HeaderBlock trailers) {
    endWith(trailers);
  }

  /** Ends the answer without trailers. */
  public void end() {
    endWith(null);
  }

  private void endWith(@Nullable HeaderBlock trailers) {
    if (!hasEnded && !hasEnd) {
      connection.output().end(this, trailers);
      connection.flushSoon();
    }
  }

  /** The listener has done with so many bytes of the client's data. */
  public void consumed(int bytes) {
    if (isRemoved) {
      return; // credited when it was
    }
    held -= bytes;
    uncredited += bytes;
    connection.credit(bytes);
    if (!hasClientEnded && uncredited >= connection.limits().streamWindow() / 2) {
      connection.output().windowUpdate(id, uncredited);
      receiveWindow += uncredited;
      uncredited = 0;
      connection.flushSoon();
    }
  }

  StreamListener listener() {
    return listener;
  }

  void listener(StreamListener given) {
    listener = given;
  }

  void contentLength(long bytes) {
    hasContentLength = true;
    missingContent = bytes;
  }

  /**
   * Accounts for data that has come.
   *
   * @param length with its padding
   */
  void received(int length, int content, boolean isLast) throws Http2Fault {
    receiveWindow -= length;
    if (receiveWindow < 0) {
      throw Http2Fault.ofStream(id, Http2Error.FLOW_CONTROL_ERROR, "more data than its window");
    }
    held += content;
    missingContent -= content;
    if (isLast) {
      clientEnds();
    }
  }

  /** Padding is done with at once. */
  void padded(int bytes) {
    held += bytes;
    consumed(bytes);
  }

  /** The client's side has ended. */
  void clientEnds() throws Http2Fault {
    hasClientEnded = true;
    if (hasContentLength && missingContent != 0) {
      throw Http2Fault.ofStream(
          id, Http2Error.PROTOCOL_ERROR, "the data's length is not content-length");
    }
  }

  boolean hasClientEnded() {
    return hasClientEnded;
  }

  /** It is no longer among the connection's; the bytes for which the client still has no credit. */
  int remove() {
    isRemoved = true;
    return held;
  }

  long sendWindow() {
    return sendWindow;
  }

  void sent(int bytes) {
    sendWindow -= bytes;
  }

  /** The client takes more of this stream, or less. */
  void grow(long bytes) throws Http2Fault {
    sendWindow += bytes;
    if (sendWindow > Integer.MAX_VALUE) {
      throw Http2Fault.ofStream(id, Http2Error.FLOW_CONTROL_ERROR, "a window above 2^31-1");
    }
  }

  void keep(ByteBuf data) {
    if (waiting == null) {
      waiting = new ArrayDeque<>(2);
    }
    waiting.add(data);
  }

  boolean isWaiting() {
    return waiting != null && !waiting.isEmpty();
  }

  @Nullable ByteBuf firstWaiting() {
    return waiting == null ? null : waiting.peek();
  }

  void removeFirstWaiting() {
    if (waiting != null) {
      waiting.remove().release();
    }
  }

  private long waitingBytes() {
    long bytes = 0;
    if (waiting != null) {
      for (ByteBuf data : waiting) {
        bytes += data.readableBytes();
      }
    }
    return bytes;
  }

  void keepEnd(@Nullable HeaderBlock trailers) {
    hasEnd = true;
    end = trailers;
  }

  boolean hasEnd() {
    return hasEnd;
  }

  @Nullable HeaderBlock waitingEnd() {
    return end;
  }

  /** The whole answer has been written. */
  void ended() {
    hasEnded = true;
    connection.answered(this);
  }

  /** It ended otherwise: nothing more leaves. */
  void abandon() {
    hasEnded = true;
    connection.output().forget(waitingBytes());
    while (isWaiting()) {
      removeFirstWaiting();
    }
  }
}
