package org.etalon.engine.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.InstanceLostException;
import org.etalon.engine.backend.InstanceProcess;
import org.etalon.engine.config.WorkerSettings;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of an instance: its worker process, and the next one when that ends. Thread-safe: a
 * batch holds {@code running}, which keeps other threads out of the process; the fields are guarded
 * by this, which is never held while a process is started, asked or closed.
 */
final class WorkerSlot implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerSlot.class);

  private final String label;
  private final Supplier<WorkerProcess> starter;
  private final ReentrantLock running = new ReentrantLock();

  /** Null while none runs. */
  private @Nullable WorkerProcess process;

  private long upSince;
  private long starts;
  private int endsInARow;
  private Duration startup = Duration.ZERO;
  private Optional<String> lastEnd = Optional.empty();

  /** True once a start has failed and none has succeeded since: requests do not wait for it. */
  private boolean isFailing;

  private boolean isClosed;

  /**
   * @param starter starts a process and has it load the model and open the instance
   */
  WorkerSlot(String label, Supplier<WorkerProcess> starter) {
    this.label = label;
    this.starter = starter;
  }

  /**
   * Starts the first process.
   *
   * @throws ServingException why that is not possible
   */
  void open() {
    try {
      started();
    } catch (InstanceLostException e) {
      throw ServingException.internal(String.valueOf(e.getMessage()), e);
    }
  }

  private void started() {
    long begin = System.nanoTime();
    WorkerProcess next = starter.get();
    synchronized (this) {
      if (!isClosed) {
        process = next;
        starts++;
        upSince = System.nanoTime();
        startup = Duration.ofNanos(upSince - begin);
        isFailing = false;
        notifyAll();
      }
    }
    if (isClosed()) {
      next.close();
      return;
    }
    next.onEnd(() -> ended(next, next::howItEnded));
  }

  private synchronized boolean isClosed() {
    return isClosed;
  }

  /** True while a process is there to run batches. */
  synchronized boolean isUp() {
    return process != null;
  }

  /**
   * Runs a batch, if a process is there when its turn comes.
   *
   * @return whether there was one
   * @throws InstanceLostException if it ended
   */
  boolean run(Batch batch) {
    running.lock();
    try {
      WorkerProcess now = current();
      if (now == null) {
        return false;
      }
      try {
        now.run(batch);
        return true;
      } catch (InstanceLostException e) {
        ended(now, () -> String.valueOf(e.getMessage()));
        throw e;
      }
    } finally {
      running.unlock();
    }
  }

  private synchronized @Nullable WorkerProcess current() {
    return process;
  }

  /** A process has ended, with or without a batch in it; told once or twice. */
  private void ended(WorkerProcess gone, Supplier<String> how) {
    synchronized (this) {
      if (process != gone || isClosed) {
        return;
      }
      process = null;
    }
    String reason = how.get();
    LOG.warn("{}; it is started again", reason.startsWith(label) ? reason : label + " " + reason);
    synchronized (this) {
      lastEnd = Optional.of(reason);
      if (System.nanoTime() - upSince > BackOff.HEALTHY.toNanos()) {
        endsInARow = 0;
      }
    }
    Thread.ofVirtual()
        .name(label)
        .start(() -> {
          closeGone(gone);
          startAgain();
        });
  }

  /** Its shared memory, once no batch reads it any more. */
  private void closeGone(WorkerProcess gone) {
    running.lock();
    try {
      gone.close();
    } finally {
      running.unlock();
    }
  }

  private void startAgain() {
    while (awaitTurn()) {
      try {
        started();
        LOG.info("{} runs again", label);
        return;
      } catch (InstanceLostException | ServingException e) {
        LOG.warn("{} does not start: {}", label, e.getMessage());
        synchronized (this) {
          lastEnd = Optional.of(String.valueOf(e.getMessage()));
          isFailing = true;
          notifyAll();
        }
      }
    }
  }

  /** Waits as long as the ends in a row ask for; false if this is closed meanwhile. */
  private synchronized boolean awaitTurn() {
    endsInARow++;
    long until = System.nanoTime() + BackOff.after(endsInARow).toNanos();
    try {
      for (long left = until - System.nanoTime(); left > 0 && !isClosed; ) {
        wait(left / 1_000_000 + 1);
        left = until - System.nanoTime();
      }
    } catch (InterruptedException _) {
      return false;
    }
    return !isClosed;
  }

  /**
   * Waits until a process is there, or will not be soon.
   *
   * @throws ServingException UNAVAILABLE if it could not be started, or this is closed
   */
  synchronized void awaitUp() {
    try {
      while (process == null && !isFailing && !isClosed) {
        wait();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw ServingException.unavailable(label + ": interrupted while it is started");
    }
    if (process == null) {
      throw ServingException.unavailable(
          "%s does not run; it is tried again every %d s at most (last: %s)"
              .formatted(label, BackOff.after(endsInARow + 1).toSeconds(), lastEnd.orElse("-")));
    }
  }

  /** Ends a process that has run a batch for too long, or holds too much memory. */
  void endIfItExceeds(WorkerSettings limits) {
    WorkerProcess now = current();
    if (now == null) {
      return;
    }
    if (now.hasRunFor(limits.runLimit())) {
      now.end("it ran a batch for more than %s".formatted(limits.runLimit()));
    }
    if (limits.memoryLimit().isPresent()) {
      long limit = limits.memoryLimit().getAsLong();
      long held = residentBytes(now.pid()).orElse(0);
      if (held > limit) {
        now.end("it held %d bytes of memory (expected: %d at most)".formatted(held, limit));
      }
    }
  }

  synchronized InstanceProcess status() {
    OptionalLong pid = process == null ? OptionalLong.empty() : OptionalLong.of(process.pid());
    OptionalLong resident = pid.isPresent() ? residentBytes(pid.getAsLong()) : OptionalLong.empty();
    return new InstanceProcess(pid, starts, startup, resident, lastEnd);
  }

  /** As Linux tells in {@code /proc/PID/status}. */
  private static OptionalLong residentBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
        }
      }
    } catch (IOException _) {
      // It has ended, or this is another system.
    }
    return OptionalLong.empty();
  }

  @Override
  public void close() {
    WorkerProcess last;
    synchronized (this) {
      isClosed = true;
      last = process;
      process = null;
      notifyAll();
    }
    if (last != null) {
      closeGone(last);
    }
  }
}
