package org.etalon.server.internal.http2;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds out that a client has gone, and ends connections that are old. Owned by one event loop. */
final class Liveness {
  private static final long PING = 0x616c697665L;

  /** How long a client may take to say that it speaks HTTP/2, TLS included. */
  private static final Duration MAX_HANDSHAKE = Duration.ofSeconds(30);

  private final Http2Limits limits;
  private final Http2Connection connection;
  private @Nullable ScheduledFuture<?> next;
  private @Nullable ScheduledFuture<?> end;
  private @Nullable ScheduledFuture<?> handshake;
  private long reads;
  private long readsSeen;

  Liveness(Http2Limits limits, Http2Connection connection) {
    this.limits = limits;
    this.connection = connection;
  }

  void begin() {
    handshake = after(MAX_HANDSHAKE, connection::close);
    next = after(limits.pingInterval(), this::look);
    limits.maxAge().ifPresent(age -> end = after(age, this::growOld));
  }

  /** The client speaks HTTP/2. */
  void shaken() {
    cancel(handshake);
  }

  /** Something was heard. */
  void heard() {
    reads++;
  }

  private void look() {
    if (reads == readsSeen) {
      connection.output().ping(PING, false);
      connection.flushSoon();
      next = after(limits.pingTimeout(), this::lookForAnswer);
    } else {
      readsSeen = reads;
      next = after(limits.pingInterval(), this::look);
    }
  }

  private void lookForAnswer() {
    if (reads == readsSeen) {
      connection.close();
    } else {
      look();
    }
  }

  private void growOld() {
    connection.drain();
    end = after(limits.maxAgeGrace(), connection::close);
  }

  private ScheduledFuture<?> after(Duration delay, Runnable action) {
    return connection.eventLoop().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  void stop() {
    cancel(handshake);
    cancel(next);
    cancel(end);
  }

  private static void cancel(@Nullable ScheduledFuture<?> planned) {
    if (planned != null) {
      planned.cancel(false);
    }
  }
}
