package org.etalon.server.observation;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Takes every so many requests. Thread-safe. */
final class Sampler {
  private final TraceSettings settings;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();

  private Sampler(TraceSettings settings) {
    this.settings = settings;
  }

  /** The earlier one if it does the same. */
  static Sampler of(TraceSettings settings, Optional<Sampler> earlier) {
    return earlier
        .filter(known -> known.settings.equals(settings))
        .orElseGet(() -> new Sampler(settings));
  }

  TraceSettings settings() {
    return settings;
  }

  /**
   * @param isForced whatever the rate
   */
  boolean takes(boolean isForced) {
    if (!settings.isOn()) {
      return false;
    }
    boolean isDue = requests.incrementAndGet() % settings.rate() == 0;
    if (!isDue && !isForced) {
      return false;
    }
    return settings.count() < 0 || taken.getAndIncrement() < settings.count();
  }
}
