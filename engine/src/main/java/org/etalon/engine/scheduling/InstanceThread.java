package org.etalon.engine.scheduling;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.InstanceProcess;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.request.AnswerThread;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform thread of one instance: makes it, takes batches from the version's queue until that
 * is closed, closes it. A native run would pin a virtual thread.
 */
final class InstanceThread {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceThread.class);

  private final Thread thread;
  private final Device device;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final AtomicLong busyNanos = new AtomicLong();
  private final Optional<RateLimiter.Claim> claim;

  /** Null until it is made. */
  private volatile @Nullable ModelInstance instance;

  private InstanceThread(
      String threadName, Device device, Optional<RateLimiter.Claim> claim, Runnable body) {
    this.device = device;
    this.claim = claim;
    this.thread = new AnswerThread(body, threadName);
  }

  /**
   * Starts making the instance; {@link #awaitReady} tells how that went.
   *
   * @param claim to what it must hold while it runs; closed with it
   * @param onExpired refuses requests that waited too long
   */
  static InstanceThread start(
      VersionName name,
      int index,
      Device device,
      Optional<RateLimiter.Claim> claim,
      BackendModel model,
      InstanceRunner.Maker maker,
      Scheduler scheduler,
      Consumer<List<PendingRequest>> onExpired) {
    InstanceThread[] self = new InstanceThread[1];
    Runnable body =
        () -> {
          CompletableFuture<Void> ready = self[0].ready;
          try (ModelInstance instance = model.newInstance(device);
              OutputMemory.Pool outputs = new OutputMemory.Pool();
              InstanceRunner runner = maker.make(instance, outputs)) {
            self[0].instance = instance;
            ready.complete(null);
            self[0].runAll(index, scheduler, runner, onExpired);
          } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
            if (!ready.completeExceptionally(e)) {
              LOG.error("instance {} of model {} ended", index, name, e);
            }
          }
        };
    self[0] = new InstanceThread("etalon-%s-%d".formatted(name, index), device, claim, body);
    self[0].thread.start();
    return self[0];
  }

  private void runAll(
      int index,
      Scheduler scheduler,
      InstanceRunner runner,
      Consumer<List<PendingRequest>> onExpired) {
    BatchTaker taker =
        claim
            .<BatchTaker>map(its -> new BatchTaker.Limited(index, scheduler, its))
            .orElseGet(() -> new BatchTaker.Free(index, scheduler));
    for (ScheduledBatch batch = taker.take(); batch != null; batch = taker.take()) {
      long start = System.nanoTime();
      onExpired.accept(batch.expired());
      taker.executed(batch, runner.run(batch, taker::doneLater));
      busyNanos.setRelease(busyNanos.getPlain() + System.nanoTime() - start);
    }
  }

  Device device() {
    return device;
  }

  /** The process that the instance runs in, if it has one of its own. */
  Optional<InstanceProcess> process() {
    ModelInstance made = instance;
    return made == null ? Optional.empty() : made.process();
  }

  /** Time spent running batches; written by the instance's thread alone. */
  long busyNanos() {
    return busyNanos.getAcquire();
  }

  /**
   * @throws ServingException why the instance could not be made
   */
  void awaitReady() {
    try {
      ready.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof ServingException cause) {
        throw cause;
      }
      throw ServingException.internal("an instance could not be made: " + e.getCause(), e);
    }
  }

  /** Waits until the instance is closed; its queue must be closed before. */
  void join() {
    claim.ifPresent(RateLimiter.Claim::close);
    boolean isInterrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
