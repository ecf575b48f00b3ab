package org.etalon.engine.scheduling;

import org.jspecify.annotations.Nullable;

/** Where a version's accepted requests wait until one of its instances takes them. Thread-safe. */
interface Scheduler extends RequestIntake {
  /**
   * Waits for the next batch for an instance; null once the scheduler is closed. An instance takes
   * again only after {@link #executed}.
   *
   * @param instance its number, from 0
   */
  @Nullable ScheduledBatch take(int instance);

  /**
   * Waits until there is something for an instance to take, and takes nothing: what waits can still
   * be joined by more, or be taken by another instance.
   *
   * @return false once the scheduler is closed
   */
  boolean await(int instance);

  /** True if there is something for an instance to take now. */
  boolean isDue(int instance);

  /** The batch for an instance now, without waiting; null for none. */
  @Nullable ScheduledBatch poll(int instance);

  /** The batch last taken by that instance was run, one way or the other. */
  void executed(int instance, ScheduledBatch batch);
}
