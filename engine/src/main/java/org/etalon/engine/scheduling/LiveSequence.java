package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.List;
import org.etalon.inference.Sequence;
import org.etalon.inference.Tensor;

/**
 * A sequence between its first request and its last. Guarded by its scheduler's lock, but for its
 * states, which belong to the instance that runs it while it runs.
 */
final class LiveSequence {
  final Sequence.Id id;
  final ArrayDeque<PendingRequest> waiting = new ArrayDeque<>(2);

  /** The instance that it is bound to; -1 while it waits for a slot. */
  int instance = -1;

  int slot = -1;

  /** Until its first request has run: the next to run starts it. */
  boolean isFresh = true;

  /** True if the last request that came was marked as the last. */
  boolean isEnding;

  /** True if its last request will not come: it is over when nothing waits. */
  boolean isGivenUp;

  /** True if it stands in its instance's queue of sequences with something to run. */
  boolean isReady;

  /** True while an instance runs one of its requests. */
  boolean isRunning;

  long lastActivityNanos;

  /** Of each state of the model, in the order of the configuration. */
  private List<Tensor> states;

  private final List<Tensor> initialStates;

  /**
   * @param initialStates what the model's states are before the first request
   */
  LiveSequence(Sequence.Id id, List<Tensor> initialStates) {
    this.id = id;
    this.states = initialStates;
    this.initialStates = initialStates;
  }

  /** The state of that index that the next request meets. */
  Tensor state(int index) {
    return states.get(index);
  }

  /**
   * @param next of every state, on the heap
   */
  void keep(List<Tensor> next) {
    states = next;
  }

  /** Nothing that is not waiting comes any more but a new start. */
  void giveUp() {
    isEnding = true;
    isGivenUp = true;
  }

  /** What comes next begins anew. */
  void restart() {
    states = initialStates;
    isFresh = true;
  }

  /** True if the states of both can stand in one batch. */
  boolean canBatchWith(LiveSequence other) {
    for (int i = 0; i < states.size(); i++) {
      if (!states.get(i).shape().equals(other.states.get(i).shape())) {
        return false;
      }
    }
    return true;
  }
}
