package org.etalon.engine.scheduling;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Has requests that have waited too long refused while every instance is busy: one thread for all
 * versions of an engine, there only while requests with a time limit wait. Thread-safe.
 */
public final class QueueTimer implements AutoCloseable {
  private static final long GRANULARITY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long KEEP_ALIVE_SECONDS = 5;

  private final ScheduledThreadPoolExecutor executor;

  public QueueTimer() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> Thread.ofPlatform().name("etalon-timer").daemon().unstarted(task),
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * An alarm that rings on the timer's thread, within a millisecond of its time.
   *
   * @param onRing looks for what is late
   */
  Alarm alarm(Runnable onRing) {
    return new Alarm() {
      private long ringsNanos = Expiries.NEVER;

      @Override
      public void ringBy(long nanos, long nowNanos) {
        if (nanos == Expiries.NEVER
            || ringsNanos <= Math.max(nanos, nowNanos + GRANULARITY_NANOS)) {
          return;
        }
        ringsNanos = Math.max(nanos, nowNanos + GRANULARITY_NANOS);
        var _ = executor.schedule(onRing, ringsNanos - nowNanos, TimeUnit.NANOSECONDS);
      }

      @Override
      public void rang() {
        ringsNanos = Expiries.NEVER;
      }
    };
  }

  /** No alarm rings any more. */
  @Override
  public void close() {
    executor.shutdown();
  }

  /** One scheduler's; guarded by its lock. */
  interface Alarm {
    /** Rings at that time or a little later, and once for all times before it. */
    void ringBy(long nanos, long nowNanos);

    /** It has rung: what it was set for is being looked at. */
    void rang();
  }
}
