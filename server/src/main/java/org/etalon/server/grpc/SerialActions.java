package org.etalon.server.grpc;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs actions one at a time, in the order they come, on the threads that bring them. Thread-safe;
 * no lock is held while an action runs.
 *
 * <p>An action brought by another, or while another runs, runs after it. Actions must not throw.
 */
final class SerialActions {
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  void run(Runnable action) {
    waiting.add(action);
    if (count.getAndIncrement() > 0) {
      return;
    }
    do {
      waiting.remove().run();
    } while (count.decrementAndGet() > 0);
  }
}
