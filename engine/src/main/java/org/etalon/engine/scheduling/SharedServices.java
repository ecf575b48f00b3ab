package org.etalon.engine.scheduling;

import java.util.Optional;

/**
 * What the versions of an engine have in common.
 *
 * @param timer refuses what has waited too long
 * @param cache of answers, for the models that ask for it; empty: none is kept
 */
public record SharedServices(QueueTimer timer, Optional<ResponseCache> cache)
    implements AutoCloseable {
  /** Of an engine with every setting at its default. */
  public static SharedServices standard() {
    return of(0);
  }

  /**
   * @param cacheBytes of all answers that are kept; 0: none is
   */
  public static SharedServices of(long cacheBytes) {
    return new SharedServices(
        new QueueTimer(),
        cacheBytes == 0 ? Optional.empty() : Optional.of(new ResponseCache(cacheBytes)));
  }

  @Override
  public void close() {
    timer.close();
  }
}
