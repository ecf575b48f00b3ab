package org.etalon.engine.worker;

import java.time.Duration;

/** How long a worker waits until it is started again. */
final class BackOff {
  /** One that has lived for so long has its earlier ends forgotten. */
  static final Duration HEALTHY = Duration.ofMinutes(1);

  private static final int AT_ONCE = 2;
  private static final int MAX_DOUBLINGS = 5;
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private BackOff() {}

  /**
   * Nothing for the first two ends, which one request that is run twice may have caused; then 1 s,
   * doubled each time, 30 s at most.
   *
   * @param ends in a row, 1 or more
   */
  static Duration after(int ends) {
    if (ends <= AT_ONCE) {
      return Duration.ZERO;
    }
    Duration delay = Duration.ofSeconds(1L << Math.min(ends - AT_ONCE - 1, MAX_DOUBLINGS));
    return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
  }
}
