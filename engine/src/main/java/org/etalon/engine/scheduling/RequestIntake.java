package org.etalon.engine.scheduling;

import java.util.List;
import java.util.Optional;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;

/**
 * Where a version's checked requests go. Thread-safe.
 *
 * <p>An intake owns a request from {@link #add} until it is run or given back; on any other
 * admission than ACCEPTED the caller still owns it.
 */
interface RequestIntake {
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
  default List<PendingRequest> takeExpired() {
    return List.of();
  }

  /** Takes a request back; false if it is no longer waiting. */
  boolean remove(PendingRequest request);

  /**
   * The last request of a sequence will not come: the sequence is over when those before it have
   * run. Does nothing where none of that name is open.
   */
  default void giveUp(Sequence.Id sequence) {}

  /** Nothing is added any more: what only waits for more to come is given up. */
  default void drain() {}

  /** Requests that wait. */
  int size();

  /** Takes nothing more and lets nothing begin; returns what still waits. */
  List<PendingRequest> close();

  /** Why no request can be taken now, though it may be later; none while they are. */
  default Optional<String> unavailability() {
    return Optional.empty();
  }

  /** Waits until nothing that was begun runs any more; after {@link #close}. */
  default void awaitEnd() {}
}
