package org.etalon.server.metrics;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A reading that is made anew once it is too old. Thread-safe, guarded by itself. */
final class Fresh<T> {
  private final Supplier<T> reader;
  private final long maxAgeNanos;
  private final LongSupplier nanoClock;
  private @Nullable T reading;
  private long readAt;

  Fresh(Supplier<T> reader, Duration maxAge, LongSupplier nanoClock) {
    this.reader = reader;
    this.maxAgeNanos = maxAge.toNanos();
    this.nanoClock = nanoClock;
  }

  synchronized T get() {
    T known = reading;
    long now = nanoClock.getAsLong();
    if (known == null || now - readAt >= maxAgeNanos) {
      known = reader.get();
      reading = known;
      readAt = now;
    }
    return known;
  }
}
