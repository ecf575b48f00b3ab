package org.etalon.strain.source;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a folder is followed.
 *
 * @param poll how often the folder is looked at
 * @param patience how long to wait for a file that is missing while later ones are there, and for
 *     one that is there and not whole
 * @param maxBehind how far reading may be behind the newest files before it goes on with those and
 *     leaves out what is between; empty: nothing is ever left out
 * @param startNs the first instant wanted; empty: the first file there is
 * @param endNs where the source ends; empty: never
 */
public record LiveSettings(
    Duration poll,
    Duration patience,
    Optional<Duration> maxBehind,
    OptionalLong startNs,
    OptionalLong endNs) {
  /** Looks every 20 ms, waits 2 s, and takes whatever is there. */
  public static LiveSettings defaults() {
    return new LiveSettings(
        Duration.ofMillis(20),
        Duration.ofSeconds(2),
        Optional.empty(),
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  public LiveSettings {
    if (!poll.isPositive() || patience.isNegative()) {
      throw new IllegalArgumentException(
          "poll: %s, patience: %s (expected: above 0, not negative)".formatted(poll, patience));
    }
    if (maxBehind.isPresent() && !maxBehind.get().isPositive()) {
      throw new IllegalArgumentException(
          "maxBehind: %s (expected: above 0)".formatted(maxBehind.get()));
    }
  }

  public LiveSettings withPatience(Duration longest) {
    return new LiveSettings(poll, longest, maxBehind, startNs, endNs);
  }

  public LiveSettings withMaxBehind(Duration longest) {
    return new LiveSettings(poll, patience, Optional.of(longest), startNs, endNs);
  }

  public LiveSettings from(long gpsNs) {
    return new LiveSettings(poll, patience, maxBehind, OptionalLong.of(gpsNs), endNs);
  }

  public LiveSettings until(long gpsNs) {
    return new LiveSettings(poll, patience, maxBehind, startNs, OptionalLong.of(gpsNs));
  }
}
