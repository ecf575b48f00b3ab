package org.etalon.server.grpc;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Has answers of a stream given in the order of its requests, whichever is ready first: clients of
 * models that answer once may count on it. Owned by the stream's event loop.
 */
final class AnswerOrder {
  private final Queue<Turn> turns = new ArrayDeque<>();
  private boolean isOver;

  /** The place of a request behind all that were placed before. */
  Turn place() {
    Turn turn = new Turn();
    turns.add(turn);
    return turn;
  }

  /** From here on every answer is given at once, since nobody reads them any more. */
  void end() {
    isOver = true;
    giveReady();
  }

  private void giveReady() {
    for (Turn first = turns.peek();
        first != null && (isOver || first.answer != null);
        first = turns.peek()) {
      turns.remove();
      first.give();
    }
  }

  /** One request's place. */
  final class Turn {
    private @Nullable Runnable answer;
    private boolean isGiven;

    /** Runs {@code giving} when it is this request's turn; called once. */
    void answer(Runnable giving) {
      answer = giving;
      if (isGiven) {
        giving.run();
      } else {
        giveReady();
      }
    }

    private void give() {
      isGiven = true;
      if (answer != null) {
        answer.run();
      }
    }
  }
}
