package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.etalon.inference.Sequence;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Binds each sequence to a slot of one instance from its first request to its last, and runs its
 * requests there in their order, one at a time. Sequences that find no slot wait for one.
 * Thread-safe; its one lock guards field updates only and is never held together with another.
 *
 * <p>A sequence that sends nothing for too long gives its slot up, and its instance is told. Nobody
 * looks at idle sequences meanwhile: they stand in the order of their last activity, and one
 * instance's wait ends when the first of them has been idle too long.
 */
final class SequenceScheduler implements Scheduler {
  private final SequencePlaces places;
  private final SequencePolicy policy;
  private final List<Tensor> initialStates;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<InstanceSlots> instances = new ArrayList<>();
  private final Map<Sequence.Id, LiveSequence> live = new HashMap<>();

  /** Those that wait for a slot, in the order in which they came. */
  private final LinkedHashSet<LiveSequence> backlog = new LinkedHashSet<>();

  /** Requests of the backlog; what is bound to a slot does not expire. */
  private final Expiries expiries = new Expiries();

  /** Those with nothing to run and nothing running, the longest idle first. */
  private final LinkedHashSet<LiveSequence> idle = new LinkedHashSet<>();

  private final @Nullable ResponseOrder order;
  private final QueueTimer.Alarm alarm;
  private int waiting;
  private boolean isDraining;
  private boolean isClosed;

  /**
   * @param initialStates the model's states before a sequence's first request
   * @param alarm to ring when a request of the backlog has waited too long
   * @param nanoClock as {@link System#nanoTime}
   */
  SequenceScheduler(
      String model,
      int instanceCount,
      SequencePolicy policy,
      List<Tensor> initialStates,
      QueueTimer.Alarm alarm,
      LongSupplier nanoClock) {
    this.places = new SequencePlaces(model);
    this.policy = policy;
    this.initialStates = initialStates;
    this.order = policy.keepsOrder() ? new ResponseOrder() : null;
    this.alarm = alarm;
    this.nanoClock = nanoClock;
    for (int i = 0; i < instanceCount; i++) {
      instances.add(new InstanceSlots(policy, lock.newCondition()));
    }
  }

  @Override
  public Admission add(PendingRequest request) {
    Sequence place = places.of(request);
    lock.lock();
    try {
      if (isClosed) {
        return Admission.CLOSED;
      }
      LiveSequence known = live.get(place.id());
      boolean isKnown = known != null && !(known.isEnding && !place.isStart());
      if (!isKnown && !place.isStart()) {
        throw places.notStarted(place.id());
      }
      if (waiting >= policy.maxWaiting()) {
        return Admission.FULL;
      }
      LiveSequence sequence = known == null ? open(place.id()) : known;
      sequence.isEnding = place.isEnd();
      sequence.isGivenUp = false;
      idle.remove(sequence);
      sequence.waiting.addLast(request);
      waiting++;
      if (sequence.instance >= 0) {
        ready(sequence);
      } else {
        expiries.add(request, QueuePolicy.ownNanos(request));
        alarm.ringBy(expiries.firstNanos(), nanoClock.getAsLong());
      }
      return Admission.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  private LiveSequence open(Sequence.Id id) {
    LiveSequence sequence = new LiveSequence(id, initialStates);
    live.put(id, sequence);
    int best = 0;
    for (int i = 1; i < instances.size(); i++) {
      if (instances.get(i).free() > instances.get(best).free()) {
        best = i;
      }
    }
    if (instances.get(best).free() > 0) {
      bind(sequence, best);
    } else {
      backlog.add(sequence);
    }
    return sequence;
  }

  private void bind(LiveSequence sequence, int instance) {
    sequence.instance = instance;
    instances.get(instance).add(sequence);
  }

  private void ready(LiveSequence sequence) {
    InstanceSlots slots = instances.get(sequence.instance);
    slots.ready(sequence);
    slots.signal();
  }

  @Override
  public boolean remove(PendingRequest request) {
    lock.lock();
    try {
      LiveSequence sequence = live.get(places.of(request).id());
      if (sequence == null || !sequence.waiting.remove(request)) {
        return false;
      }
      waiting--;
      expiries.remove(request);
      PendingRequest last = sequence.waiting.peekLast();
      boolean wasLast = sequence.isEnding && places.of(request).isEnd();
      sequence.isEnding =
          last == null ? sequence.isEnding && sequence.isRunning : places.of(last).isEnd();
      if (wasLast) {
        sequence.giveUp();
      }
      if (sequence.waiting.isEmpty()) {
        becomeIdle(sequence);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Its last waiting request is gone: a sequence that never ran is forgotten, others are idle. */
  private void becomeIdle(LiveSequence sequence) {
    if (sequence.instance < 0) {
      backlog.remove(sequence);
      live.remove(sequence.id, sequence);
    } else if (!sequence.isRunning) {
      instances.get(sequence.instance).unready(sequence);
      waitForMore(sequence);
    }
  }

  private void waitForMore(LiveSequence sequence) {
    if (isDraining || sequence.isGivenUp) {
      drop(sequence);
    } else {
      sequence.lastActivityNanos = nanoClock.getAsLong();
      idle.add(sequence);
    }
  }

  @Override
  public void giveUp(Sequence.Id id) {
    lock.lock();
    try {
      LiveSequence sequence = live.get(id);
      if (sequence != null && !sequence.isEnding) {
        sequence.giveUp();
        if (idle.remove(sequence)) {
          drop(sequence);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable ScheduledBatch take(int instance) {
    InstanceSlots slots = instances.get(instance);
    lock.lock();
    try {
      while (!isClosed) {
        ScheduledBatch batch = poll(instance);
        if (batch != null) {
          return batch;
        }
        slots.await(nextNanos(slots), nanoClock);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean await(int instance) {
    InstanceSlots slots = instances.get(instance);
    lock.lock();
    try {
      while (!isClosed && !isDue(slots)) {
        slots.await(nextNanos(slots), nanoClock);
      }
      return !isClosed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isDue(int instance) {
    lock.lock();
    try {
      return !isClosed && isDue(instances.get(instance));
    } finally {
      lock.unlock();
    }
  }

  private boolean isDue(InstanceSlots slots) {
    long now = nanoClock.getAsLong();
    dropIdle(now);
    return slots.isDue(now) || expiries.firstNanos() <= now;
  }

  @Override
  public @Nullable ScheduledBatch poll(int instance) {
    lock.lock();
    try {
      long now = nanoClock.getAsLong();
      dropIdle(now);
      InstanceSlots slots = instances.get(instance);
      List<PendingRequest> expired = expire(now);
      ScheduledBatch batch = slots.poll(now, expired);
      if (batch != null) {
        waiting -= batch.requestCount();
        if (order != null) {
          order.enlist(batch.requests());
        }
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** When somebody has to look again if nothing comes; {@link Long#MAX_VALUE}: never. */
  private long nextNanos(InstanceSlots slots) {
    long next = slots.dueNanos();
    if (!idle.isEmpty()) {
      next = Math.min(next, idle.getFirst().lastActivityNanos + policy.idleNanos());
    }
    return next;
  }

  private void dropIdle(long now) {
    while (!idle.isEmpty() && now - idle.getFirst().lastActivityNanos >= policy.idleNanos()) {
      drop(idle.removeFirst());
    }
  }

  private void drop(LiveSequence sequence) {
    instances.get(sequence.instance).drop(sequence);
    free(sequence);
  }

  /** Gives a sequence's slot to the one that has waited for it longest. */
  private void free(LiveSequence sequence) {
    live.remove(sequence.id, sequence);
    instances.get(sequence.instance).remove(sequence);
    if (!backlog.isEmpty()) {
      LiveSequence next = backlog.removeFirst();
      next.waiting.forEach(expiries::remove);
      bind(next, sequence.instance);
      ready(next);
    }
  }

  @Override
  public List<PendingRequest> takeExpired() {
    lock.lock();
    try {
      alarm.rang();
      return expire(nanoClock.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  /** A sequence of which a request has waited in vain is over before it began. */
  private List<PendingRequest> expire(long now) {
    List<PendingRequest> late = expiries.take(now);
    List<PendingRequest> expired = late.isEmpty() ? late : new ArrayList<>();
    for (PendingRequest request : late) {
      LiveSequence sequence = live.get(places.of(request).id());
      if (sequence != null && backlog.remove(sequence)) {
        live.remove(sequence.id);
        sequence.waiting.forEach(expiries::remove);
        expired.addAll(sequence.waiting);
        waiting -= sequence.waiting.size();
        sequence.waiting.clear();
      }
    }
    alarm.ringBy(expiries.firstNanos(), now);
    return expired;
  }

  @Override
  public void executed(int instance, ScheduledBatch batch) {
    lock.lock();
    try {
      for (int i = 0; i < batch.requests().size(); i++) {
        LiveSequence sequence = batch.sequences().get(i);
        if (sequence != null) {
          executed(sequence, places.of(batch.requests().get(i)).isEnd());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void executed(LiveSequence sequence, boolean isEnd) {
    sequence.isRunning = false;
    sequence.isFresh = false;
    if (isEnd) {
      sequence.restart();
    }
    if (!sequence.waiting.isEmpty()) {
      ready(sequence);
    } else if (isEnd) {
      free(sequence);
    } else {
      waitForMore(sequence);
    }
  }

  @Override
  public void drain() {
    lock.lock();
    try {
      isDraining = true;
      while (!idle.isEmpty()) {
        drop(idle.removeFirst());
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int size() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /** Sequences between their first request and their last. */
  int liveSequences() {
    lock.lock();
    try {
      return live.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<PendingRequest> close() {
    lock.lock();
    try {
      isClosed = true;
      List<PendingRequest> left = new ArrayList<>();
      live.values().forEach(sequence -> left.addAll(sequence.waiting));
      live.clear();
      idle.clear();
      backlog.clear();
      waiting = 0;
      instances.forEach(InstanceSlots::signal);
      return left;
    } finally {
      lock.unlock();
    }
  }
}
