package org.etalon.server.grpc;

import java.time.Duration;
import java.util.Optional;

/**
 * How long connections live, and how both sides find out that the other is gone.
 *
 * @param pingInterval a connection on which nothing was heard for this long is pinged
 * @param pingTimeout one that does not answer a ping for this long is closed
 * @param minClientInterval how often a client may ping at most, while nothing is sent to it
 * @param permitsWithoutCalls whether a client may also ping while it has no call
 * @param maxAge after this long a connection takes no new call; empty: it may live for ever
 * @param maxAgeGrace how long calls may then still take
 */
public record KeepAlive(
    Duration pingInterval,
    Duration pingTimeout,
    Duration minClientInterval,
    boolean permitsWithoutCalls,
    Optional<Duration> maxAge,
    Duration maxAgeGrace) {
  public KeepAlive {
    requirePositive("pingInterval", pingInterval);
    requirePositive("pingTimeout", pingTimeout);
    requirePositive("maxAge", maxAge.orElse(Duration.ofNanos(1)));
    requirePositive("maxAgeGrace", maxAgeGrace.plusNanos(1));
    requirePositive("minClientInterval", minClientInterval.plusNanos(1));
  }

  private static void requirePositive(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("gRPC " + key + ": " + value + " (expected: positive)");
    }
  }

  /** Triton's times, but that clients may ping every ten seconds, also while they have no call. */
  public static KeepAlive defaults() {
    return new KeepAlive(
        Duration.ofHours(2),
        Duration.ofSeconds(20),
        Duration.ofSeconds(10),
        true,
        Optional.empty(),
        Duration.ofDays(1));
  }
}
