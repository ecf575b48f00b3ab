package org.etalon.engine.scheduling;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where requests that know nothing of each other wait. Thread-safe; its one lock guards field
 * updates only and is never held together with another.
 */
final class RequestQueue implements Scheduler {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final DynamicBatcher batcher;
  private int idleInstances;
  private boolean isClosed;

  RequestQueue(BatchingPolicy policy) {
    this.batcher = new DynamicBatcher(policy);
  }

  @Override
  public Admission add(PendingRequest request) {
    lock.lock();
    try {
      if (isClosed) {
        return Admission.CLOSED;
      }
      if (batcher.isFull()) {
        return Admission.FULL;
      }
      batcher.add(request);
      // An instance that waits for a batch to fill looks again when its time is up: it is woken
      // only for a
      // batch that is due, or to begin waiting for the first request's delay.
      if (idleInstances > 0 && (batcher.size() == 1 || batcher.isDue(request.arrivalNanos()))) {
        changed.signal();
      }
      return Admission.ACCEPTED;
    } finally {
      lock.unlock();
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
  public @Nullable ScheduledBatch take(int instance) {
    lock.lock();
    try {
      while (!isClosed) {
        List<PendingRequest> batch = batcher.poll(System.nanoTime());
        if (!batch.isEmpty()) {
          if (idleInstances > 0 && batcher.size() > 0) {
            changed.signal();
          }
          return ScheduledBatch.of(batch);
        }
        await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is take's, which looks at the queue anew each time
  private void await() {
    OptionalLong due = batcher.dueNanos();
    idleInstances++;
    try {
      if (due.isEmpty()) {
        changed.awaitUninterruptibly();
      } else {
        var _ = changed.awaitNanos(due.getAsLong() - System.nanoTime());
      }
    } catch (InterruptedException e) {
      // Nobody interrupts an instance's thread but a framework by accident; the queue's state
      // decides.
    } finally {
      idleInstances--;
    }
  }

  @Override
  public void executed(int instance, ScheduledBatch batch) {
    // Requests of this kind know nothing of each other.
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
