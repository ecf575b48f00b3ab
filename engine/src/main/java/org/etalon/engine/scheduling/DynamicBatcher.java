package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.etalon.engine.status.BatchReason;
import org.jspecify.annotations.Nullable;

/**
 * Decides which waiting requests run next, and when. Higher priority levels go first; in a level it
 * is first in, first out. Not thread-safe, and knows no clock: the time comes with each call, on
 * {@link System#nanoTime}'s.
 *
 * <p>The largest preferred batch that the waiting requests reach runs at once. Short of one, the
 * batch goes on filling until a request in it has waited {@code maxQueueDelayNanos} or half of the
 * time it is allowed, or the next request would not fit in it.
 */
final class DynamicBatcher {
  private static final long NEVER = Long.MAX_VALUE;

  private final BatchingPolicy policy;

  /** Two a level: those in time, and behind them those that were put back for being late. */
  private final RequestList[] lists;

  private final Expiries expiries = new Expiries();
  private int size;
  private long rows;

  /** What {@link #closeBatch} found: how many requests make the next batch, 0 for none, and why. */
  private int count;

  private BatchReason reason = BatchReason.FREE;
  private long dueNanos = NEVER;

  DynamicBatcher(BatchingPolicy policy) {
    this.policy = policy;
    this.lists = new RequestList[2 * policy.levels().size()];
    for (int i = 0; i < lists.length; i++) {
      lists[i] = new RequestList();
    }
  }

  int size() {
    return size;
  }

  /** True if no further request of that one's level may wait. */
  boolean isFull(PendingRequest request) {
    int level = policy.levelOf(request);
    int waiting = lists[2 * level].size() + lists[2 * level + 1].size();
    return waiting >= policy.levels().get(level).maxSize();
  }

  void add(PendingRequest request) {
    int level = policy.levelOf(request);
    lists[2 * level].addLast(request);
    expiries.add(request, policy.levels().get(level).allowedNanos(request));
    size++;
    rows += request.rows();
  }

  /** Takes a request back; false if it is no longer waiting. */
  boolean remove(PendingRequest request) {
    if (request.list == null) {
      return false;
    }
    unlink(request);
    return true;
  }

  private void unlink(PendingRequest request) {
    RequestList list = request.list;
    if (list != null) {
      list.remove(request);
      expiries.remove(request);
      size--;
      rows -= request.rows();
    }
  }

  /** Takes back everything that waits. */
  List<PendingRequest> removeAll() {
    List<PendingRequest> all = new ArrayList<>(size);
    for (PendingRequest request = after(null); request != null; request = after(null)) {
      unlink(request);
      all.add(request);
    }
    return all;
  }

  /** Takes out the requests that have waited too long and are to be refused. */
  List<PendingRequest> expire(long nowNanos) {
    List<PendingRequest> late = expiries.take(nowNanos);
    if (late.isEmpty()) {
      return late;
    }
    List<PendingRequest> refused = new ArrayList<>(late.size());
    for (PendingRequest request : late) {
      int level = policy.levelOf(request);
      if (policy.levels().get(level).rejectsExpired()) {
        unlink(request);
        refused.add(request);
      } else {
        lists[2 * level].remove(request);
        lists[2 * level + 1].addLast(request);
      }
    }
    return refused;
  }

  /** When {@link #expire} has something to do; {@link Long#MAX_VALUE}: never. */
  long expiryNanos() {
    return expiries.firstNanos();
  }

  /** The next batch, or nothing if none is due at that time. */
  List<PendingRequest> poll(long nowNanos) {
    closeBatch(nowNanos);
    if (count == 0) {
      return List.of();
    }
    List<PendingRequest> batch = new ArrayList<>(count);
    PendingRequest request = after(null);
    while (request != null && batch.size() < count) {
      PendingRequest following = after(request);
      unlink(request);
      batch.add(request);
      request = following;
    }
    return batch;
  }

  /** Why the batch that {@link #poll} gave was closed. */
  BatchReason reason() {
    return reason;
  }

  /** True if {@link #poll} would give a batch. */
  boolean isDue(long nowNanos) {
    closeBatch(nowNanos);
    return count > 0;
  }

  /**
   * True if a request that has just been added may have made a batch due; cheap, for a queue that
   * fills.
   */
  boolean mayBeDueWith(PendingRequest added) {
    PendingRequest first = after(null);
    return !policy.isBatching()
        || policy.maxQueueDelayNanos() == 0
        || rows >= policy.leastPreferredRows()
        || (first != null && !first.canBatchWith(added));
  }

  /** When a batch falls due if no further request comes; empty if none waits. */
  OptionalLong dueNanos() {
    closeBatch(Long.MIN_VALUE);
    return dueNanos == NEVER ? OptionalLong.empty() : OptionalLong.of(dueNanos);
  }

  /** When a request's batch is closed for its sake. */
  long patienceNanos(PendingRequest request) {
    long end = request.arrivalNanos() + policy.maxQueueDelayNanos();
    long expiry = request.expiryNanos;
    return expiry == NEVER
        ? end
        : Math.min(end, request.arrivalNanos() + (expiry - request.arrivalNanos()) / 2);
  }

  private void closeBatch(long nowNanos) {
    count = 0;
    dueNanos = NEVER;
    PendingRequest first = after(null);
    if (first == null) {
      return;
    }
    if (!policy.isBatching()) {
      count = 1;
      dueNanos = first.arrivalNanos();
      reason = BatchReason.ALONE;
      return;
    }
    int fitting = 0;
    int fittingRows = 0;
    boolean canGrow = true;
    for (PendingRequest request = first;
        request != null && fittingRows < policy.maxRows();
        request = after(request)) {
      if (fittingRows + request.rows() > policy.maxRows()
          || (request != first && !first.canBatchWith(request))) {
        canGrow = false;
        break;
      }
      fitting++;
      fittingRows += request.rows();
      dueNanos = Math.min(dueNanos, patienceNanos(request));
      if (policy.isPreferred(fittingRows)) {
        count = fitting;
        reason = fittingRows == policy.maxRows() ? BatchReason.FULL : BatchReason.PREFERRED;
      }
    }
    if (count == 0 && !canGrow) {
      count = fitting;
      reason = BatchReason.MISFIT;
    } else if (count == 0 && nowNanos >= dueNanos) {
      count = fitting;
      reason = policy.maxQueueDelayNanos() == 0 ? BatchReason.FREE : BatchReason.DELAY;
    }
  }

  /** The request whose turn is next after that one's; after null: the first. */
  private @Nullable PendingRequest after(@Nullable PendingRequest request) {
    int from = 0;
    if (request != null) {
      if (request.next != null) {
        return request.next;
      }
      while (lists[from] != request.list) {
        from++;
      }
      from++;
    }
    for (int i = from; i < lists.length; i++) {
      PendingRequest first = lists[i].first();
      if (first != null) {
        return first;
      }
    }
    return null;
  }
}
