package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.List;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets answers go out in the order in which their requests were taken, whichever instance is done
 * first: what comes too early is kept. Thread-safe, guarded by itself; handlers are called outside
 * the lock, by one thread at a time.
 */
final class ResponseOrder {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseOrder.class);

  private final ArrayDeque<Turn> turns = new ArrayDeque<>();
  private boolean isSending;

  /** Gives these requests the next turns, in their order. */
  synchronized void enlist(List<PendingRequest> requests) {
    for (PendingRequest request : requests) {
      if (!request.isPlaceholder()) {
        Turn turn = new Turn(request.handler());
        turns.addLast(turn);
        request.answerTo(turn);
      }
    }
  }

  private void put(Turn turn, Runnable answer, boolean isLast) {
    synchronized (this) {
      turn.answers.addLast(answer);
      turn.isDone |= isLast;
      if (isSending) {
        return;
      }
      isSending = true;
    }
    for (Runnable next = next(); next != null; next = next()) {
      try {
        next.run();
      } catch (RuntimeException e) {
        LOG.error("the handler of an answer failed", e);
      }
    }
  }

  private synchronized @Nullable Runnable next() {
    for (Turn first = turns.peekFirst(); first != null; first = turns.peekFirst()) {
      Runnable answer = first.answers.pollFirst();
      if (answer != null) {
        return answer;
      }
      if (!first.isDone) {
        break;
      }
      turns.removeFirst();
    }
    isSending = false;
    return null;
  }

  /** The place of one request's answers. */
  private final class Turn implements ResponseHandler {
    private final ResponseHandler target;
    private final ArrayDeque<Runnable> answers = new ArrayDeque<>(1);
    private boolean isDone;

    Turn(ResponseHandler target) {
      this.target = target;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      put(this, () -> target.onResponse(response, isLast), isLast);
    }

    @Override
    public void onError(ServingException error) {
      put(this, () -> target.onError(error), true);
    }

    @Override
    public @Nullable RequestTrace trace() {
      return target.trace();
    }
  }
}
