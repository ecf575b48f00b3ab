package org.etalon.engine.scheduling;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.ModelQueuePolicy;
import org.etalon.protocol.proto.ModelQueuePolicy.TimeoutAction;

/**
 * How the requests of one priority level wait. Immutable.
 *
 * @param rejectsExpired true if a request that has waited too long is refused; else it goes behind
 *     the others of its level
 * @param timeoutNanos how long a request may wait; {@link #FOREVER} for any time
 * @param allowsOverride true if a request may ask for less
 * @param maxSize requests that may wait; one more is rejected
 */
record QueuePolicy(boolean rejectsExpired, long timeoutNanos, boolean allowsOverride, int maxSize) {
  /** Where a configuration does not bound its queue: no queue is without a bound. */
  static final int DEFAULT_MAX_SIZE = 16_384;

  /** Longer than any process runs, and no sum with a time overflows: 146 years. */
  static final long FOREVER = Long.MAX_VALUE / 2;

  private static final Duration LONGEST = Duration.ofNanos(FOREVER);

  static QueuePolicy of(ModelQueuePolicy policy) {
    long timeout = TimeUnit.MICROSECONDS.toNanos(policy.getDefaultTimeoutMicroseconds());
    return new QueuePolicy(
        policy.getTimeoutAction() != TimeoutAction.DELAY,
        timeout == 0 ? FOREVER : Math.min(timeout, FOREVER),
        policy.getAllowTimeoutOverride(),
        policy.getMaxQueueSize() == 0 ? DEFAULT_MAX_SIZE : policy.getMaxQueueSize());
  }

  /** How long a request may wait. */
  long allowedNanos(PendingRequest request) {
    return allowsOverride ? Math.min(timeoutNanos, ownNanos(request)) : timeoutNanos;
  }

  /** How long a request says that it may wait; {@link #FOREVER} if it says nothing. */
  static long ownNanos(PendingRequest request) {
    Duration own = request.request().queueTimeout().orElse(LONGEST);
    return own.compareTo(LONGEST) < 0 ? own.toNanos() : FOREVER;
  }
}
