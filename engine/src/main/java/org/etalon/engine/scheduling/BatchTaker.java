package org.etalon.engine.scheduling;

import org.jspecify.annotations.Nullable;

/** How an instance comes by its batches. Owned by the instance's thread. */
sealed interface BatchTaker {
  /** Waits for the next; null once there is none any more. */
  @Nullable ScheduledBatch take();

  /**
   * The batch last taken was run.
   *
   * @param isDone false if {@link #doneLater} follows
   */
  void executed(ScheduledBatch batch, boolean isDone);

  /** Nothing of a batch needs the instance any more; on any thread. */
  void doneLater();

  /** Takes whatever there is. */
  record Free(int instance, Scheduler scheduler) implements BatchTaker {
    @Override
    public @Nullable ScheduledBatch take() {
      return scheduler.take(instance);
    }

    @Override
    public void executed(ScheduledBatch batch, boolean isDone) {
      scheduler.executed(instance, batch);
    }

    @Override
    public void doneLater() {}
  }

  /**
   * Takes a batch when the instance holds the resources that it needs to run, so that the batch
   * goes on filling until then.
   */
  final class Limited implements BatchTaker {
    private final int instance;
    private final Scheduler scheduler;
    private final RateLimiter.Claim claim;

    /** True while it holds them and runs nothing. */
    private boolean isHolding;

    Limited(int instance, Scheduler scheduler, RateLimiter.Claim claim) {
      this.instance = instance;
      this.scheduler = scheduler;
      this.claim = claim;
    }

    @Override
    public @Nullable ScheduledBatch take() {
      while (ask()) {
        ScheduledBatch batch = scheduler.poll(instance);
        if (batch != null) {
          isHolding = false;
          claim.use();
          return batch;
        }
      }
      return null;
    }

    /** Waits for work and then for what it takes to do it; false once there is none any more. */
    private boolean ask() {
      if (isHolding && scheduler.isDue(instance)) {
        isHolding = claim.askAnew().join();
        return isHolding;
      }
      if (isHolding) {
        claim.giveBack();
      }
      isHolding = scheduler.await(instance) && claim.ask().join();
      return isHolding;
    }

    @Override
    public void executed(ScheduledBatch batch, boolean isDone) {
      scheduler.executed(instance, batch);
      isHolding = isDone;
    }

    @Override
    public void doneLater() {
      claim.giveBack();
    }
  }
}
