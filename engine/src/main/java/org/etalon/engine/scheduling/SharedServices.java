package org.etalon.engine.scheduling;

import java.util.Optional;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.RateLimits;

/**
 * What the versions of an engine have in common.
 *
 * @param timer refuses what has waited too long
 * @param cache of answers, for the models that ask for it; empty: none is kept
 * @param limiter of what instances may run at one time; empty: whatever has work runs
 */
public record SharedServices(
    QueueTimer timer, Optional<ResponseCache> cache, Optional<RateLimiter> limiter)
    implements AutoCloseable {
  /** Of an engine with every setting at its default. */
  public static SharedServices standard() {
    return of(0, Optional.empty());
  }

  public static SharedServices of(EngineConfig config) {
    return of(config.responseCacheBytes(), config.rateLimits());
  }

  /**
   * @param cacheBytes of all answers that are kept; 0: none is
   * @param limits of what instances share; empty: none
   */
  static SharedServices of(long cacheBytes, Optional<RateLimits> limits) {
    return new SharedServices(
        new QueueTimer(),
        cacheBytes == 0 ? Optional.empty() : Optional.of(new ResponseCache(cacheBytes)),
        limits.map(RateLimiter::new));
  }

  @Override
  public void close() {
    timer.close();
  }
}
