package org.etalon.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The updates of a stream that may have to be sent again: those without an answer, and before them
 * those that the state at the first of these depends on. Owned by one thread.
 */
final class StreamUpdates {
  /** One update, with copies of its tensors. */
  static final class Update {
    final List<Tensor> inputs;
    boolean isStart;
    final boolean isEnd;

    /** Samples between the stream's start, or the last gap, and this update. */
    long position;

    final CompletableFuture<InferenceResponse> answer;
    boolean isAnswered;

    /** How often it was the one that a server found fault with. */
    int faults;

    Update(
        List<Tensor> inputs,
        boolean isStart,
        boolean isEnd,
        long position,
        CompletableFuture<InferenceResponse> answer) {
      this.inputs = inputs;
      this.isStart = isStart;
      this.isEnd = isEnd;
      this.position = position;
      this.answer = answer;
    }

    long samples() {
      var shape = inputs.getFirst().shape();
      return shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
    }
  }

  private final ArrayDeque<Update> updates = new ArrayDeque<>();
  private boolean isStart = true;
  private long position;
  private boolean hasForgotten;

  Update add(List<Tensor> inputs, boolean isEnd, CompletableFuture<InferenceResponse> answer) {
    Update update = new Update(inputs, isStart, isEnd, position, answer);
    updates.addLast(update);
    isStart = isEnd;
    position = isEnd ? 0 : position + update.samples();
    return update;
  }

  /** The oldest without an answer. */
  @Nullable Update firstUnanswered() {
    for (Update update : updates) {
      if (!update.isAnswered) {
        return update;
      }
    }
    return null;
  }

  /** All that a new server has to be sent, in order. */
  List<Update> all() {
    return new ArrayList<>(updates);
  }

  int size() {
    return updates.size();
  }

  /** Takes out an update that no server takes: the stream is as if it had never been there. */
  void remove(Update refused) {
    boolean isBehind = false;
    boolean startMoves = refused.isStart;
    boolean isOpen = !refused.isEnd;
    for (Update update : updates) {
      if (isBehind && update.isStart) {
        isOpen = false;
        break;
      }
      if (isBehind) {
        update.position -= refused.samples();
        update.isStart = startMoves;
        startMoves = false;
      }
      isBehind |= update == refused;
    }
    if (isOpen) {
      position -= refused.samples();
      isStart = startMoves;
    }
    updates.remove(refused);
  }

  void clear() {
    updates.clear();
    isStart = true;
    position = 0;
  }

  /** For a model that does not tell how long its state remembers. */
  void forgetAnswered() {
    hasForgotten |= updates.removeIf(update -> update.isAnswered) && !isStart;
  }

  /** True if something is gone that the state of an unfinished stream may depend on. */
  boolean lostAnswered() {
    return hasForgotten;
  }

  /** Forgets what the first update without an answer no longer depends on. */
  void trim(StreamMemory memory) {
    Update next = firstUnanswered();
    long needed = (next == null ? position : next.position) - memory.samples();
    boolean startsAnew = next == null ? isStart : next.isStart;
    int droppable = 0;
    int index = 0;
    for (Update update : updates) {
      if (update == next) {
        break;
      }
      if (startsAnew || update.isEnd) {
        droppable = index + 1;
      } else if (update.position <= needed && update.position % memory.alignment() == 0) {
        droppable = Math.max(droppable, index);
      }
      index++;
    }
    for (Iterator<Update> oldest = updates.iterator(); droppable > 0; droppable--) {
      oldest.next();
      oldest.remove();
    }
  }
}
