package org.etalon.engine.scheduling;

/**
 * What the versions of an engine have in common.
 *
 * @param timer refuses what has waited too long
 */
public record SharedServices(QueueTimer timer) implements AutoCloseable {
  /** Of an engine with every setting at its default. */
  public static SharedServices standard() {
    return new SharedServices(new QueueTimer());
  }

  @Override
  public void close() {
    timer.close();
  }
}
