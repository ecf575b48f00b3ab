package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.function.LongSupplier;
import org.etalon.engine.status.BatchReason;
import org.etalon.inference.Sequence;
import org.jspecify.annotations.Nullable;

/** The sequences of one instance. Guarded by the scheduler's lock. */
final class InstanceSlots {
  private final SequencePolicy policy;
  private final Condition changed;
  private final @Nullable LiveSequence[] slots;
  private final PriorityQueue<Integer> freeSlots = new PriorityQueue<>();

  /** Those with something to run, in the order in which they came to have it. */
  private final ArrayDeque<LiveSequence> ready = new ArrayDeque<>();

  private List<Sequence.Id> dropped = new ArrayList<>(0);
  private @Nullable PendingRequest placeholder;

  /** Why those that {@link #choose} chose run now. */
  private BatchReason reason = BatchReason.FREE;

  InstanceSlots(SequencePolicy policy, Condition changed) {
    this.policy = policy;
    this.changed = changed;
    this.slots = new LiveSequence[policy.slots()];
    for (int i = 0; i < slots.length; i++) {
      freeSlots.add(i);
    }
  }

  int free() {
    return freeSlots.size();
  }

  /** The lowest free slot, so that batches stay short. */
  void add(LiveSequence sequence) {
    int slot = freeSlots.remove();
    slots[slot] = sequence;
    sequence.slot = slot;
  }

  void remove(LiveSequence sequence) {
    slots[sequence.slot] = null;
    freeSlots.add(sequence.slot);
    unready(sequence);
  }

  void drop(LiveSequence sequence) {
    dropped.add(sequence.id);
    signal();
  }

  void ready(LiveSequence sequence) {
    if (!sequence.isReady && !sequence.isRunning) {
      sequence.isReady = true;
      ready.addLast(sequence);
    }
  }

  void unready(LiveSequence sequence) {
    if (sequence.isReady) {
      sequence.isReady = false;
      ready.remove(sequence);
    }
  }

  void signal() {
    changed.signal();
  }

  /** Waits until that time or a signal; the caller looks anew after it. */
  @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
  void await(long untilNanos, LongSupplier nanoClock) {
    try {
      if (untilNanos == Long.MAX_VALUE) {
        changed.awaitUninterruptibly();
      } else {
        var _ = changed.awaitNanos(untilNanos - nanoClock.getAsLong());
      }
    } catch (InterruptedException e) {
      // Nobody interrupts an instance's thread but a framework by accident; the state decides.
    }
  }

  /** When what is ready must run if it does not grow; {@link Long#MAX_VALUE}: nothing is ready. */
  long dueNanos() {
    return ready.isEmpty() ? Long.MAX_VALUE : oldestNanos() + policy.maxQueueDelayNanos();
  }

  private long oldestNanos() {
    return head(ready.getFirst()).arrivalNanos();
  }

  private static PendingRequest head(LiveSequence sequence) {
    return sequence.waiting.getFirst();
  }

  /**
   * What there is to do now; null for nothing.
   *
   * @param expired to be refused by whoever takes the batch
   */
  @Nullable ScheduledBatch poll(long now, List<PendingRequest> expired) {
    List<Sequence.Id> news = dropped;
    if (!news.isEmpty()) {
      dropped = new ArrayList<>(0);
    }
    List<LiveSequence> chosen = choose(isLate(now));
    if (!chosen.isEmpty()) {
      return policy.isDirect()
          ? inTheirSlots(chosen, news, expired)
          : sideBySide(chosen, news, expired);
    }
    return news.isEmpty() && expired.isEmpty()
        ? null
        : new ScheduledBatch(List.of(), List.of(), news, expired, reason);
  }

  /** True if {@link #poll} would give something. */
  boolean isDue(long now) {
    return !dropped.isEmpty() || !choose(isLate(now)).isEmpty();
  }

  private boolean isLate(long now) {
    return !ready.isEmpty() && now - oldestNanos() >= policy.maxQueueDelayNanos();
  }

  /** Those that run together now, the longest waiting and whoever fits to it; none if not yet. */
  private List<LiveSequence> choose(boolean isLate) {
    if (ready.isEmpty()) {
      return List.of();
    }
    LiveSequence first = ready.getFirst();
    List<LiveSequence> chosen = new ArrayList<>(Math.min(ready.size(), policy.maxRows()));
    int enough = 0;
    boolean canGrow = true;
    for (LiveSequence sequence : ready) {
      boolean fits =
          sequence == first
              || (head(first).canBatchWith(head(sequence)) && first.canBatchWith(sequence));
      if (!fits) {
        canGrow = false;
        continue;
      }
      chosen.add(sequence);
      enough = policy.isEnough(chosen.size()) ? chosen.size() : enough;
      if (chosen.size() == policy.maxRows()) {
        break;
      }
    }
    if (policy.isDirect()) {
      boolean isUsedWell = chosen.size() >= policy.minSlotUtilization() * slots.length;
      boolean isFull = chosen.size() == slots.length;
      reason =
          isFull ? BatchReason.FULL : isUsedWell && !isLate ? BatchReason.PREFERRED : lateReason();
      return isLate || isUsedWell ? chosen : List.of();
    }
    if (enough > 0) {
      reason = enough == policy.maxRows() ? BatchReason.FULL : BatchReason.PREFERRED;
      return chosen.subList(0, enough);
    }
    reason = canGrow ? lateReason() : BatchReason.MISFIT;
    return isLate || !canGrow ? chosen : List.of();
  }

  private BatchReason lateReason() {
    return policy.maxQueueDelayNanos() == 0 ? BatchReason.FREE : BatchReason.DELAY;
  }

  private ScheduledBatch sideBySide(
      List<LiveSequence> chosen, List<Sequence.Id> news, List<PendingRequest> expired) {
    List<PendingRequest> requests = new ArrayList<>(chosen.size());
    List<@Nullable LiveSequence> sequences = new ArrayList<>(chosen);
    for (LiveSequence sequence : List.copyOf(chosen)) {
      requests.add(start(sequence));
    }
    return new ScheduledBatch(requests, sequences, news, expired, reason);
  }

  /** Up to the highest slot that has something to run; a model that keeps state by row needs it. */
  private ScheduledBatch inTheirSlots(
      List<LiveSequence> chosen, List<Sequence.Id> news, List<PendingRequest> expired) {
    int rows = chosen.stream().mapToInt(sequence -> sequence.slot).max().orElse(-1) + 1;
    List<@Nullable LiveSequence> sequences = new ArrayList<>(rows);
    List<PendingRequest> requests = new ArrayList<>(rows);
    PendingRequest empty = placeholder(head(chosen.getFirst()));
    for (int i = 0; i < rows; i++) {
      sequences.add(null);
      requests.add(empty);
    }
    for (LiveSequence sequence : List.copyOf(chosen)) {
      sequences.set(sequence.slot, sequence);
      requests.set(sequence.slot, start(sequence));
    }
    return new ScheduledBatch(requests, sequences, news, expired, reason);
  }

  private PendingRequest placeholder(PendingRequest like) {
    PendingRequest known = placeholder;
    if (known == null || !known.canBatchWith(like)) {
      known = PendingRequest.placeholderLike(like);
      placeholder = known;
    }
    return known;
  }

  private PendingRequest start(LiveSequence sequence) {
    unready(sequence);
    sequence.isRunning = true;
    return sequence.waiting.removeFirst();
  }
}
