package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.etalon.engine.scheduling.InlineInstances.InlineInstance;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs the requests of sequences on the threads that bring them, each sequence on an instance of
 * its own, in its requests' order, by one thread at a time: a request that finds its sequence being
 * run is left to the thread that does. Thread-safe; its one lock guards field updates only and is
 * never held together with another.
 */
final class InlineSequences implements RequestIntake {
  /** Sequences that may be open at once. */
  static final int MAX_SEQUENCES = 16_384;

  private final SequencePlaces places;
  private final SequencePolicy policy;
  private final List<Tensor> initialStates;
  private final InlineInstances instances;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Map<Sequence.Id, InlineSequence> live = new HashMap<>();

  /** Those with nothing to run and nothing running, the longest idle first. */
  private final LinkedHashSet<InlineSequence> idle = new LinkedHashSet<>();

  private int waiting;
  private int running;
  private boolean isClosed;

  /** Rings when the first of the idle may have been so for too long; null while none is idle. */
  private @Nullable CompletableFuture<Void> alarm;

  /** A sequence and, from its first run on, its instance, which belongs to who runs it. */
  private static final class InlineSequence {
    final LiveSequence live;
    @Nullable InlineInstance instance;

    /** True if who ran it last is to drop it. */
    boolean isToBeDropped;

    /** True while the request that runs is marked as the last. */
    boolean isRunningLast;

    InlineSequence(LiveSequence live) {
      this.live = live;
    }

    void closeInstance() {
      if (instance != null) {
        instance.close();
        instance = null;
      }
    }
  }

  /**
   * @param initialStates the model's states before a sequence's first request
   * @param nanoClock as {@link System#nanoTime}
   */
  InlineSequences(
      String model,
      SequencePolicy policy,
      List<Tensor> initialStates,
      InlineInstances instances,
      LongSupplier nanoClock) {
    this.places = new SequencePlaces(model);
    this.policy = policy;
    this.initialStates = initialStates;
    this.instances = instances;
    this.nanoClock = nanoClock;
  }

  @Override
  public Admission add(PendingRequest request) {
    Sequence place = places.of(request);
    InlineSequence sequence;
    lock.lock();
    try {
      if (isClosed) {
        return Admission.CLOSED;
      }
      InlineSequence known = live.get(place.id());
      boolean isKnown = known != null && !(known.live.isEnding && !place.isStart());
      if (!isKnown && !place.isStart()) {
        throw places.notStarted(place.id());
      }
      if (waiting >= policy.maxWaiting() || (known == null && live.size() >= MAX_SEQUENCES)) {
        return Admission.FULL;
      }
      sequence = known == null ? open(place.id()) : known;
      sequence.live.isEnding = place.isEnd();
      sequence.live.isGivenUp = false;
      sequence.live.waiting.addLast(request);
      waiting++;
      if (sequence.live.isRunning) {
        return Admission.ACCEPTED;
      }
      idle.remove(sequence);
      begin(sequence);
    } finally {
      lock.unlock();
    }
    runAll(sequence);
    return Admission.ACCEPTED;
  }

  private InlineSequence open(Sequence.Id id) {
    InlineSequence sequence = new InlineSequence(new LiveSequence(id, initialStates));
    live.put(id, sequence);
    return sequence;
  }

  private void begin(InlineSequence sequence) {
    sequence.live.isRunning = true;
    running++;
  }

  private void runAll(InlineSequence sequence) {
    for (PendingRequest next = next(sequence); next != null; next = next(sequence)) {
      run(sequence, next, places.of(next));
    }
    if (sequence.isToBeDropped) {
      drop(List.of(sequence));
    }
  }

  /** The next to run; null if there is none, and the caller has left the sequence. */
  private @Nullable PendingRequest next(InlineSequence sequence) {
    lock.lock();
    try {
      PendingRequest next = sequence.live.waiting.pollFirst();
      if (next == null) {
        leave(sequence);
      } else {
        waiting--;
        sequence.isRunningLast = places.of(next).isEnd();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void leave(InlineSequence sequence) {
    sequence.live.isRunning = false;
    if (sequence.live.isGivenUp && sequence.instance != null && !isClosed) {
      live.remove(sequence.live.id, sequence);
      sequence.isToBeDropped = true; // runs until then
      return;
    }
    running--;
    if (sequence.instance == null) {
      live.remove(sequence.live.id, sequence);
    } else if (!isClosed) {
      sequence.live.lastActivityNanos = nanoClock.getAsLong();
      idle.add(sequence);
      setAlarm();
    }
    ended.signalAll();
  }

  private void run(InlineSequence sequence, PendingRequest request, Sequence place) {
    try {
      if (place.isStart()) {
        sequence.closeInstance();
      }
      InlineInstance instance = sequence.instance;
      if (instance == null) {
        instance = instances.open();
        sequence.instance = instance;
      }
      instance.runner().run(ScheduledBatch.of(request, List.of(sequence.live)));
      sequence.live.isFresh = false;
    } catch (ServingException e) {
      instances.refuse(request, e);
    }
    if (place.isEnd()) {
      sequence.live.restart();
      sequence.closeInstance();
    }
  }

  private void setAlarm() {
    if (alarm == null && !idle.isEmpty()) {
      long wait =
          idle.getFirst().live.lastActivityNanos + policy.idleNanos() - nanoClock.getAsLong();
      alarm =
          new CompletableFuture<Void>()
              .completeOnTimeout(null, Math.max(0, wait), TimeUnit.NANOSECONDS);
      var _ = alarm.thenRunAsync(this::dropIdle);
    }
  }

  /** Ends the sequences that have sent nothing for too long, and tells their instances. */
  void dropIdle() {
    List<InlineSequence> dropped = new ArrayList<>(0);
    lock.lock();
    try {
      long now = nanoClock.getAsLong();
      while (!idle.isEmpty()
          && now - idle.getFirst().live.lastActivityNanos >= policy.idleNanos()) {
        InlineSequence sequence = idle.removeFirst();
        live.remove(sequence.live.id, sequence);
        dropped.add(sequence);
      }
      running++; // until they are dropped
      alarm = null;
      if (!isClosed) {
        setAlarm();
      }
    } finally {
      lock.unlock();
    }
    drop(dropped);
  }

  /** Tells the instances of sequences that can no longer be found; counts as one that runs. */
  private void drop(List<InlineSequence> dropped) {
    for (InlineSequence sequence : dropped) {
      InlineInstance instance = sequence.instance;
      if (instance != null) {
        instance.instance().sequenceDropped(sequence.live.id);
        sequence.closeInstance();
      }
    }
    lock.lock();
    try {
      running--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void giveUp(Sequence.Id id) {
    InlineSequence sequence;
    lock.lock();
    try {
      sequence = live.get(id);
      if (isClosed || sequence == null || sequence.live.isEnding) {
        return;
      }
      sequence.live.giveUp();
      if (!idle.remove(sequence)) {
        return; // who runs it drops it
      }
      live.remove(id);
      running++; // until it is dropped
    } finally {
      lock.unlock();
    }
    drop(List.of(sequence));
  }

  @Override
  public boolean remove(PendingRequest request) {
    lock.lock();
    try {
      InlineSequence sequence = live.get(places.of(request).id());
      if (sequence == null || !sequence.live.waiting.remove(request)) {
        return false;
      }
      waiting--;
      PendingRequest last = sequence.live.waiting.peekLast();
      if (places.of(request).isEnd() && sequence.live.isEnding) {
        sequence.live.isGivenUp = true;
        return true;
      }
      sequence.live.isEnding = last == null ? sequence.isRunningLast : places.of(last).isEnd();
      return true;
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
      for (InlineSequence sequence : live.values()) {
        left.addAll(sequence.live.waiting);
        sequence.live.waiting.clear();
      }
      waiting = 0;
      if (alarm != null) {
        alarm.cancel(false);
      }
      return left;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void awaitEnd() {
    lock.lock();
    try {
      while (running > 0) {
        ended.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    live.values().forEach(InlineSequence::closeInstance);
    live.clear();
    idle.clear();
    instances.close();
  }
}
