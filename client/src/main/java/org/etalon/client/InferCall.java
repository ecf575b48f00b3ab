package org.etalon.client;

import io.grpc.CallOptions;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.InferRequestEncoder;
import org.etalon.protocol.wire.InferResponseDecoder;
import org.jspecify.annotations.Nullable;

/**
 * A request from its asking to its answer: waits in its line, is sent, and sent again while the
 * server cannot take it. Thread-safe.
 *
 * <p>Only an inference without a sequence is sent again, since the server may have run it already:
 * the same request to a stateless model has the same answer, but would move a sequence on twice.
 * Pauses double from 50 ms to 2 s, each cut at random to between its half and its whole, so that
 * clients of a server that comes back do not come all at once.
 */
final class InferCall extends CompletableFuture<InferenceResponse> {
  private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int MAX_DOUBLINGS = 5; // 1.6 s, then capped
  private static final long MAX_PAUSE_NS = TimeUnit.SECONDS.toNanos(2);

  private final Session session;
  private final RequestLine line;
  private final InferenceRequest request;
  private final InferRequestEncoder message;
  private final long deadlineNs;

  /** Guards the three fields below; nothing but the timer is called under it. */
  private final Object lock = new Object();

  private boolean isAbandoned;
  private @Nullable Attempt underWay;
  private ClientTime.@Nullable Timeout pause;

  // Written by the one thread that handles an attempt's end.
  private int failures;
  private long firstFailureNs;
  private volatile @Nullable Status lastFailure;

  InferCall(
      Session session, RequestLine line, InferenceRequest request, InferRequestEncoder message) {
    this.session = session;
    this.line = line;
    this.request = request;
    this.message = message;
    this.deadlineNs = session.time().nanos() + session.config().requestDeadline().toNanos();
  }

  long size() {
    return message.size();
  }

  long deadlineNs() {
    return deadlineNs;
  }

  /** Sends the request, which its line has counted as under way. */
  void start() {
    long leftNs = deadlineNs - session.time().nanos();
    if (isAbandoned()) {
      line.gaveUp(this);
      endAbandoned();
    } else if (leftNs <= 0) {
      line.gaveUp(this);
      endOverdue();
    } else {
      CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(leftNs, TimeUnit.NANOSECONDS);
      send(
          new Attempt(
              this,
              message,
              session.connections().next().newCall(Attempt.INFER, options),
              session.time()));
    }
  }

  private void send(Attempt attempt) {
    attempt.send();
    boolean isTooLate;
    synchronized (lock) {
      underWay = attempt; // not before: a call must not be cancelled until it is started
      isTooLate = isAbandoned;
    }
    if (isTooLate) {
      attempt.cancel();
    }
    if (attempt.isSent()) {
      ended(attempt); // the loop that started this request goes on with the next
    }
  }

  /** An attempt ended after its sender was through. */
  void endedLater(Attempt attempt) {
    ended(attempt);
    line.startWhatMay();
  }

  private void ended(Attempt attempt) {
    boolean wasAbandoned;
    synchronized (lock) {
      underWay = null;
      wasAbandoned = isAbandoned;
    }
    Status status = attempt.status();
    RuntimeException unreadable = attempt.unreadable();
    if (unreadable != null) {
      line.gaveUp(this);
      end(new ServingException(ErrorCode.INVALID_ARGUMENT, unreadable(unreadable), unreadable));
    } else if (status.isOk()) {
      line.answered(this, attempt.latencyNs());
      end(attempt.answer());
    } else if (wasAbandoned) {
      line.gaveUp(this);
      endAbandoned();
    } else {
      failed(status);
    }
  }

  private void failed(Status status) {
    lastFailure = status;
    failures++;
    switch (Failure.of(status)) {
      case REFUSED -> {
        line.refused(this);
        pauseOrEnd(status);
      }
      case EXHAUSTED -> {
        line.refused(this);
        end(Failure.exception(status));
      }
      case OVERDUE -> {
        line.gaveUp(this);
        endOverdue();
      }
      case FINAL -> {
        line.gaveUp(this);
        end(Failure.exception(status));
      }
    }
  }

  private void pauseOrEnd(Status status) {
    long now = session.time().nanos();
    if (failures == 1) {
      firstFailureNs = now;
    }
    long triedNs = now - firstFailureNs;
    long windowNs = session.config().retryWindow().toNanos();
    if (request.sequence().isPresent() || triedNs >= windowNs) {
      end(unavailable(status, triedNs));
      return;
    }
    long untilNs = Math.min(windowNs - triedNs, Math.max(1, deadlineNs - now));
    pause(Math.min(pauseNs(), untilNs));
  }

  private long pauseNs() {
    long whole =
        Math.min(MAX_PAUSE_NS, FIRST_PAUSE_NS << Math.min(failures - 1, MAX_DOUBLINGS + 1));
    return (long) (whole * (1 + session.random().nextDouble()) / 2);
  }

  private void pause(long delayNs) {
    boolean isTooLate;
    synchronized (lock) {
      isTooLate = isAbandoned;
      if (!isTooLate) {
        pause = session.time().after(delayNs, this::sendAgain);
      }
    }
    if (isTooLate) {
      endAbandoned();
    }
  }

  private void sendAgain() {
    synchronized (lock) {
      pause = null;
    }
    session.connections().wake();
    line.addAgain(this);
    if (isAbandoned() && line.remove(this)) {
      endAbandoned();
    }
  }

  private boolean isAbandoned() {
    synchronized (lock) {
      return isAbandoned;
    }
  }

  /**
   * Gives the request up: at once if it waits, else as soon as the transport has let go of its
   * memory. The future is then done with a {@link ServingException} of CANCELLED, or with the
   * answer that was faster.
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    Attempt attempt;
    ClientTime.Timeout timeout;
    synchronized (lock) {
      if (isDone()) {
        return false;
      }
      isAbandoned = true;
      attempt = underWay;
      timeout = pause;
    }
    if (attempt != null) {
      attempt.cancel();
    } else if (line.remove(this) || (timeout != null && timeout.cancel())) {
      endAbandoned();
    }
    return true;
  }

  private void endAbandoned() {
    end(new ServingException(ErrorCode.CANCELLED, subject() + " was given up by its asker"));
  }

  /** Its time is over, and it is not under way. */
  void endOverdue() {
    String why =
        "no answer from %s to %s within %s (%d failed attempts%s)"
            .formatted(
                session.config().url(),
                subject(),
                text(session.config().requestDeadline()),
                failures,
                lastFailure == null ? "" : "; last: " + Failure.text(lastFailure));
    end(new ServingException(ErrorCode.DEADLINE_EXCEEDED, why));
  }

  private ServingException unavailable(Status status, long triedNs) {
    if (request.sequence().isPresent()) {
      return new ServingException(
          ErrorCode.UNAVAILABLE,
          "%s (%s; not sent again: it is part of a sequence)"
              .formatted(Failure.text(status), session.config().url()),
          status.getCause());
    }
    return new ServingException(
        ErrorCode.UNAVAILABLE,
        "%s did not take %s in %d attempts within %s; last: %s"
            .formatted(
                session.config().url(),
                subject(),
                failures,
                text(Duration.ofNanos(triedNs)),
                Failure.text(status)),
        status.getCause());
  }

  private String unreadable(RuntimeException cause) {
    return "the memory of %s cannot be read: %s (expected: lent until the answer has come)"
        .formatted(subject(), cause.getMessage());
  }

  private String subject() {
    return "request%s for model '%s'"
        .formatted(request.id().map(id -> " '" + id + "'").orElse(""), request.model());
  }

  private static String text(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  private void end(byte @Nullable [] answer) {
    if (answer == null) {
      end(
          new ServingException(
              ErrorCode.INTERNAL,
              "%s closed %s without an answer".formatted(session.config().url(), subject())));
      return;
    }
    InferenceResponse response;
    try {
      response = InferResponseDecoder.decode(answer);
    } catch (ServingException e) {
      end(e);
      return;
    }
    session.forget(this);
    complete(response);
  }

  private void end(ServingException failure) {
    session.forget(this);
    completeExceptionally(failure);
  }
}
