package org.etalon.engine.scheduling;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where requests that know nothing of each other wait. Thread-safe; its one lock guards field
 * updates only, and only the timer's is ever taken under it.
 */
final class RequestQueue implements Scheduler {
  private static final long NEVER = Long.MAX_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final DynamicBatcher batcher;
  private final @Nullable ResponseOrder order;
  private final QueueTimer.Alarm alarm;
  private final LongSupplier nanoClock;
  private int idleInstances;

  /** When an idle instance looks again by itself. */
  private long nextLookNanos = NEVER;

  private boolean isClosed;

  /**
   * @param alarm to ring when a request has waited too long and no instance is there to see it
   * @param nanoClock as {@link System#nanoTime}
   */
  RequestQueue(BatchingPolicy policy, QueueTimer.Alarm alarm, LongSupplier nanoClock) {
    this.batcher = new DynamicBatcher(policy);
    this.order = policy.keepsOrder() ? new ResponseOrder() : null;
    this.alarm = alarm;
    this.nanoClock = nanoClock;
  }

  @Override
  public Admission add(PendingRequest request) {
    lock.lock();
    try {
      if (isClosed) {
        return Admission.CLOSED;
      }
      if (batcher.isFull(request)) {
        return Admission.FULL;
      }
      batcher.add(request);
      if (idleInstances > 0) {
        wakeFor(request);
      } else if (request.expiryNanos != NEVER) {
        alarm.ringBy(batcher.expiryNanos(), request.arrivalNanos());
      }
      return Admission.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  /**
   * An instance that waits for a batch to fill looks again when its time is up: it is woken only
   * for a batch that is due, or whose time has come nearer.
   */
  private void wakeFor(PendingRequest request) {
    long patience = batcher.patienceNanos(request);
    if (patience < nextLookNanos
        || (batcher.mayBeDueWith(request) && batcher.isDue(request.arrivalNanos()))) {
      nextLookNanos = Math.min(nextLookNanos, patience);
      changed.signal();
    }
  }

  @Override
  public boolean remove(PendingRequest request) {
    lock.lock();
    try {
      return batcher.remove(request);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<PendingRequest> takeExpired() {
    lock.lock();
    try {
      long now = nanoClock.getAsLong();
      alarm.rang();
      List<PendingRequest> expired = batcher.expire(now);
      alarm.ringBy(batcher.expiryNanos(), now);
      return expired;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable ScheduledBatch take(int instance) {
    lock.lock();
    try {
      while (!isClosed) {
        ScheduledBatch batch = poll();
        if (batch != null) {
          return batch;
        }
        await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean await(int instance) {
    lock.lock();
    try {
      while (!isClosed && !isDue()) {
        await();
      }
      changed.signal(); // another instance may come to it before
      alarm.ringBy(batcher.expiryNanos(), nanoClock.getAsLong());
      return !isClosed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isDue(int instance) {
    lock.lock();
    try {
      return !isClosed && isDue();
    } finally {
      lock.unlock();
    }
  }

  private boolean isDue() {
    long now = nanoClock.getAsLong();
    return batcher.isDue(now) || batcher.expiryNanos() <= now;
  }

  @Override
  public @Nullable ScheduledBatch poll(int instance) {
    lock.lock();
    try {
      return isClosed ? null : poll();
    } finally {
      lock.unlock();
    }
  }

  /** What there is to run or to refuse now; null for nothing. */
  private @Nullable ScheduledBatch poll() {
    long now = nanoClock.getAsLong();
    List<PendingRequest> expired = batcher.expire(now);
    List<PendingRequest> batch = batcher.poll(now);
    if (batch.isEmpty() && expired.isEmpty()) {
      return null;
    }
    if (order != null) {
      order.enlist(batch);
    }
    if (idleInstances > 0 && batcher.size() > 0) {
      changed.signal();
    }
    alarm.ringBy(batcher.expiryNanos(), now);
    return new ScheduledBatch(batch, List.of(), List.of(), expired, batcher.reason());
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is take's, which looks at the queue anew each time
  private void await() {
    OptionalLong due = batcher.dueNanos();
    idleInstances++;
    try {
      if (due.isEmpty()) {
        changed.awaitUninterruptibly();
      } else {
        nextLookNanos = Math.min(nextLookNanos, due.getAsLong());
        var _ = changed.awaitNanos(due.getAsLong() - nanoClock.getAsLong());
      }
    } catch (InterruptedException e) {
      // Nobody interrupts an instance's thread but a framework by accident; the queue's state
      // decides.
    } finally {
      idleInstances--;
      nextLookNanos = NEVER;
    }
  }

  @Override
  public void executed(int instance, ScheduledBatch batch) {
    // Requests of this kind know nothing of each other.
  }

  @Override
  public void drain() {
    // A request's batch is closed in its time, whether further ones come or not.
  }

  @Override
  public int size() {
    lock.lock();
    try {
      return batcher.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<PendingRequest> close() {
    lock.lock();
    try {
      isClosed = true;
      changed.signalAll();
      return batcher.removeAll();
    } finally {
      lock.unlock();
    }
  }
}
