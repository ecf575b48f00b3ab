package org.etalon.engine.request;

import java.util.ArrayList;
import java.util.List;

/**
 * A thread that gives the answers of a batch one behind the other. Whoever only passes answers on
 * may do so when the last is there: waking another thread for each costs more than many an answer.
 *
 * <p>The state is the thread's own; other threads run through {@link #giveTogether} and {@link
 * #afterTheLast} as if each answer came alone.
 */
public final class AnswerThread extends Thread {
  /** Giving an answer may take long, as where it begins an ensemble's next step. */
  private static final int MAX_WAITING = 16;

  private final List<Runnable> afterwards = new ArrayList<>(2);
  private int waiting;
  private boolean isGiving;

  /** A daemon, not started. */
  public AnswerThread(Runnable body, String name) {
    super(body, name);
    setDaemon(true);
  }

  /** Gives answers that belong together. */
  public static void giveTogether(Runnable giving) {
    if (Thread.currentThread() instanceof AnswerThread thread && !thread.isGiving) {
      thread.give(giving);
    } else {
      giving.run();
    }
  }

  private void give(Runnable giving) {
    isGiving = true;
    try {
      giving.run();
    } finally {
      isGiving = false;
      runAfterwards();
    }
  }

  private void runAfterwards() {
    waiting = 0;
    for (int i = 0; i < afterwards.size(); i++) {
      afterwards.get(i).run();
    }
    afterwards.clear();
  }

  private void add(Runnable action) {
    if (!afterwards.contains(action)) {
      afterwards.add(action);
    }
    if (++waiting == MAX_WAITING) {
      runAfterwards();
    }
  }

  /**
   * Runs an action when the answers that the calling thread is giving have all been given, or 16 of
   * them, once however often it is asked for; at once if the thread is giving none together.
   *
   * @param action throws nothing
   */
  public static void afterTheLast(Runnable action) {
    if (!(Thread.currentThread() instanceof AnswerThread thread) || !thread.isGiving) {
      action.run();
    } else {
      thread.add(action);
    }
  }
}
