package org.etalon.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Time that passes when a test says so; what is due runs on the test's thread. Thread-safe. */
final class ManualTime implements ClientTime {
  private record Timer(long dueNs, Runnable action) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Timer> timers = new ArrayList<>();
  private long now;

  @Override
  public long nanos() {
    lock.lock();
    try {
      return now;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Timeout after(long delayNs, Runnable action) {
    lock.lock();
    try {
      Timer timer = new Timer(now + delayNs, action);
      timers.add(timer);
      changed.signalAll();
      return () -> cancel(timer);
    } finally {
      lock.unlock();
    }
  }

  private boolean cancel(Timer timer) {
    lock.lock();
    try {
      return timers.remove(timer);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something is to run later. */
  void awaitTimer() throws InterruptedException {
    lock.lock();
    try {
      while (timers.isEmpty()) {
        if (!changed.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("nothing was scheduled");
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** True if something is to run later. */
  boolean hasTimer() {
    lock.lock();
    try {
      return !timers.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  void advance(Duration step) {
    List<Timer> due = new ArrayList<>();
    lock.lock();
    try {
      now += step.toNanos();
      timers.removeIf(timer -> timer.dueNs <= now && due.add(timer));
    } finally {
      lock.unlock();
    }
    due.sort(Comparator.comparingLong(Timer::dueNs));
    due.forEach(timer -> timer.action.run());
  }
}
