package org.etalon.engine.scheduling;

import java.util.List;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Where a version's accepted requests wait until one of its instances takes them. Thread-safe.
 *
 * <p>A scheduler owns a request from {@link #add} until it hands it out; on any other admission
 * than ACCEPTED the caller still owns it.
 */
interface Scheduler {
  /** What became of a request that was brought. */
  enum Admission {
    ACCEPTED,
    FULL,
    CLOSED
  }

  /**
   * Brings a request.
   *
   * @throws ServingException INVALID_ARGUMENT if it does not keep the model's rules for sequences
   */
  Admission add(PendingRequest request);

  /** Takes out the requests that have waited too long, to be refused; for when an alarm rings. */
  List<PendingRequest> takeExpired();

  /** Takes a request back; false if it is no longer waiting. */
  boolean remove(PendingRequest request);

  /**
   * Waits for the next batch for an instance; null once the scheduler is closed. An instance takes
   * again only after {@link #executed}.
   *
   * @param instance its number, from 0
   */
  @Nullable ScheduledBatch take(int instance);

  /** The batch last taken by that instance was run, one way or the other. */
  void executed(int instance, ScheduledBatch batch);

  /** Nothing is added any more: what only waits for more to come is given up. */
  void drain();

  /** Requests that wait. */
  int size();

  /** Ends every {@link #take}; returns what still waits. */
  List<PendingRequest> close();
}
