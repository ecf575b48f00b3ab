package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The waiting requests that may not wait for ever, by the time at which they have waited too long.
 * Guarded by their scheduler's lock.
 */
final class Expiries {
  /** No request ever expires. */
  static final long NEVER = Long.MAX_VALUE;

  private final TreeSet<PendingRequest> waiting =
      new TreeSet<>(
          Comparator.<PendingRequest>comparingLong(request -> request.expiryNanos)
              .thenComparingLong(request -> request.ticket));

  /** Tells apart those that expire together. */
  private long nextTicket;

  /**
   * @param allowedNanos how long it may wait; {@link QueuePolicy#FOREVER}: it is not noted
   */
  void add(PendingRequest request, long allowedNanos) {
    if (allowedNanos < QueuePolicy.FOREVER) {
      request.expiryNanos = request.arrivalNanos() + allowedNanos;
      request.ticket = nextTicket++;
      waiting.add(request);
    }
  }

  /** Forgets a request, which waits no more. */
  void remove(PendingRequest request) {
    if (request.expiryNanos != NEVER) {
      waiting.remove(request);
      request.expiryNanos = NEVER;
    }
  }

  /** Takes out those that have waited too long. */
  List<PendingRequest> take(long nowNanos) {
    if (firstNanos() > nowNanos) {
      return List.of();
    }
    List<PendingRequest> expired = new ArrayList<>();
    while (firstNanos() <= nowNanos) {
      PendingRequest request = waiting.removeFirst();
      request.expiryNanos = NEVER;
      expired.add(request);
    }
    return expired;
  }

  /** When the first of them has waited too long. */
  long firstNanos() {
    return waiting.isEmpty() ? NEVER : waiting.getFirst().expiryNanos;
  }
}
