package org.etalon.server.observation;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where finished traces wait for the thread that writes them. Thread-safe; never holds up who
 * brings one: traces that come faster than they can be written are dropped, and counted in the log.
 */
final class TraceSink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceSink.class);
  private static final long CLOSE_MILLIS = 2_000;
  private static final long LOOK_MILLIS = 100;

  private final TraceWriter writer;
  private final BlockingQueue<FinishedTrace> waiting;
  private final int maxBatch;
  private final Duration delay;
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private volatile boolean isClosed;

  private TraceSink(TraceWriter writer, int maxWaiting, int maxBatch, Duration delay) {
    this.writer = writer;
    this.waiting = new ArrayBlockingQueue<>(maxWaiting);
    this.maxBatch = maxBatch;
    this.delay = delay;
    this.thread = Thread.ofPlatform().daemon().name("etalon-traces").unstarted(this::writeAll);
  }

  /**
   * @param maxWaiting traces
   * @param maxBatch traces written at once
   * @param delay how long one may wait for others to be written with
   */
  static TraceSink into(TraceWriter writer, int maxWaiting, int maxBatch, Duration delay) {
    TraceSink sink = new TraceSink(writer, maxWaiting, maxBatch, delay);
    sink.thread.start();
    return sink;
  }

  void take(FinishedTrace trace) {
    if (isClosed || !waiting.offer(trace)) {
      lose(1, "they come faster than they can be written");
    }
  }

  private void lose(int traces, String why) {
    if (lost.getAndAdd(traces) == 0) {
      LOG.warn("traces are lost: {}", why);
    }
  }

  private void writeAll() {
    try {
      while (!isClosed || !waiting.isEmpty()) {
        FinishedTrace first = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          write(batch(first));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the sink is given up
    }
  }

  private List<FinishedTrace> batch(FinishedTrace first) throws InterruptedException {
    List<FinishedTrace> batch = new ArrayList<>();
    batch.add(first);
    long end = System.nanoTime() + delay.toNanos();
    waiting.drainTo(batch, maxBatch - 1);
    while (batch.size() < maxBatch && !isClosed && System.nanoTime() < end) {
      FinishedTrace next = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (next != null) {
        batch.add(next);
      }
    }
    return batch;
  }

  private void write(List<FinishedTrace> batch) {
    try {
      writer.write(batch);
    } catch (IOException | RuntimeException e) {
      lose(batch.size(), e.toString());
    }
  }

  /** Brings out what was taken, as far as that can be done within moments. */
  @Override
  public void close() {
    isClosed = true;
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
    long count = lost.get() + waiting.size();
    if (count > 0) {
      LOG.warn("{} traces were lost", count);
    }
  }
}
