package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;

/**
 * Decides which waiting requests run next, and when. First in, first out; not thread-safe, and
 * knows no clock: the time comes with each call, on {@link System#nanoTime}'s.
 *
 * <p>The largest preferred batch that the waiting requests reach runs at once. Short of one, the
 * batch goes on filling until the oldest request has waited {@code maxQueueDelayNanos}, or the next
 * request would not fit in it.
 */
final class DynamicBatcher {
  private final BatchingPolicy policy;
  private final ArrayDeque<PendingRequest> waiting = new ArrayDeque<>();

  DynamicBatcher(BatchingPolicy policy) {
    this.policy = policy;
  }

  int size() {
    return waiting.size();
  }

  boolean isFull() {
    return waiting.size() >= policy.maxQueueSize();
  }

  void add(PendingRequest request) {
    waiting.addLast(request);
  }

  /** Takes a request back; false if it is no longer waiting. */
  boolean remove(PendingRequest request) {
    for (Iterator<PendingRequest> requests = waiting.iterator(); requests.hasNext(); ) {
      if (requests.next() == request) {
        requests.remove();
        return true;
      }
    }
    return false;
  }

  /** Takes back everything that waits. */
  List<PendingRequest> removeAll() {
    List<PendingRequest> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  /** The next batch, or nothing if none is due at that time. */
  List<PendingRequest> poll(long nowNanos) {
    int count = due(nowNanos);
    List<PendingRequest> batch = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      batch.add(waiting.removeFirst());
    }
    return batch;
  }

  /** True if {@link #poll} would give a batch. */
  boolean isDue(long nowNanos) {
    return due(nowNanos) > 0;
  }

  /** When a batch falls due if no further request comes; empty if none waits. */
  OptionalLong dueNanos() {
    PendingRequest oldest = waiting.peekFirst();
    return oldest == null
        ? OptionalLong.empty()
        : OptionalLong.of(oldest.arrivalNanos() + policy.maxQueueDelayNanos());
  }

  /** How many of the waiting requests, from the oldest, make the batch that is due; 0 for none. */
  private int due(long nowNanos) {
    PendingRequest oldest = waiting.peekFirst();
    if (oldest == null) {
      return 0;
    }
    if (!policy.isBatching()) {
      return 1;
    }
    int count = 0;
    int rows = 0;
    int preferredCount = 0;
    boolean canGrow = true;
    for (PendingRequest request : waiting) {
      if (rows + request.rows() > policy.maxRows()
          || (request != oldest && !oldest.canBatchWith(request))) {
        canGrow = false;
        break;
      }
      rows += request.rows();
      count++;
      if (policy.isPreferred(rows)) {
        preferredCount = count;
      }
      if (rows == policy.maxRows()) {
        break;
      }
    }
    if (preferredCount > 0) {
      return preferredCount;
    }
    boolean isLate = nowNanos - oldest.arrivalNanos() >= policy.maxQueueDelayNanos();
    return isLate || !canGrow ? count : 0;
  }
}
