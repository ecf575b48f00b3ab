package org.etalon.server.internal;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.AbstractEventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.etalon.engine.request.AnswerThread;

/**
 * The way of answers from an instance's thread to the event loop that writes them: those of a batch
 * wake it once. Thread-safe; two of the same event loop are equal.
 */
public record HandOver(EventLoop eventLoop) {
  /**
   * Runs an action on the event loop.
   *
   * @return false if that has ended, with all connections
   */
  public boolean execute(Runnable action) {
    try {
      if (eventLoop instanceof AbstractEventExecutor executor && !eventLoop.inEventLoop()) {
        executor.lazyExecute(action);
        AnswerThread.afterTheLast(new Wake(eventLoop));
      } else {
        eventLoop.execute(action);
      }
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private record Wake(EventLoop eventLoop) implements Runnable {
    @Override
    public void run() {
      try {
        eventLoop.execute(Wake::nothing);
      } catch (RejectedExecutionException e) {
        // It ends, and runs what was handed to it before it does.
      }
    }

    /** It is enough that it wakes. */
    private static void nothing() {}
  }
}
