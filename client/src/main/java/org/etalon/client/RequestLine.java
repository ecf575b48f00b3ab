package org.etalon.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one model that wait for their turn, and the count of those under way.
 * Thread-safe: its lock guards all fields; requests are started and told outside it.
 */
final class RequestLine {
  private final ClientConfig config;
  private final ClientTime time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<InferCall> waiting = new ArrayDeque<>();
  private final InFlightLimit limit;
  private int inFlight;
  private long inFlightBytes;
  private boolean isWatched;

  RequestLine(ClientConfig config, ClientTime time) {
    this.config = config;
    this.time = time;
    this.limit = new InFlightLimit(config.maxInFlight());
  }

  int limit() {
    lock.lock();
    try {
      return limit.current();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a new request; false, and nothing done, if too many wait. */
  boolean add(InferCall call) {
    lock.lock();
    try {
      if (waiting.size() >= config.maxWaiting()) {
        return false;
      }
      waiting.addLast(call);
    } finally {
      lock.unlock();
    }
    startWhatMay();
    return true;
  }

  /** Takes a request back, before all others: it came before them. */
  void addAgain(InferCall call) {
    lock.lock();
    try {
      waiting.addFirst(call);
    } finally {
      lock.unlock();
    }
    startWhatMay();
  }

  /** True if the request was waiting, and no longer is. */
  boolean remove(InferCall call) {
    lock.lock();
    try {
      return waiting.removeFirstOccurrence(call);
    } finally {
      lock.unlock();
    }
  }

  /** Starts requests until the limit is reached or none waits. */
  void startWhatMay() {
    for (InferCall call = next(); call != null; call = next()) {
      call.start();
    }
  }

  private @Nullable InferCall next() {
    lock.lock();
    try {
      InferCall first = waiting.peekFirst();
      if (first == null) {
        return null;
      }
      if (inFlight >= limit.current()) {
        limit.onFull();
        watch(first);
        return null;
      }
      if (inFlight > 0 && inFlightBytes + first.size() > config.maxInFlightBytes()) {
        watch(first);
        return null;
      }
      waiting.removeFirst();
      inFlight++;
      inFlightBytes += first.size();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** A request under way got its answer. */
  void answered(InferCall call, long latencyNs) {
    lock.lock();
    try {
      leave(call);
      limit.onAnswer(latencyNs);
    } finally {
      lock.unlock();
    }
  }

  /** A request under way was turned away. */
  void refused(InferCall call) {
    lock.lock();
    try {
      leave(call);
      limit.onRefusal();
    } finally {
      lock.unlock();
    }
  }

  /** A request under way was given up, which says nothing about the server. */
  void gaveUp(InferCall call) {
    lock.lock();
    try {
      leave(call);
    } finally {
      lock.unlock();
    }
  }

  private void leave(InferCall call) {
    inFlight--;
    inFlightBytes -= call.size();
  }

  /**
   * Sees to it that waiting requests end in time; all have the same time, so the first is first.
   */
  private void watch(InferCall first) {
    if (!isWatched) {
      isWatched = true;
      time.after(Math.max(1, first.deadlineNs() - time.nanos()), this::endOverdue);
    }
  }

  private void endOverdue() {
    List<InferCall> overdue = new ArrayList<>();
    lock.lock();
    try {
      isWatched = false;
      long now = time.nanos();
      for (InferCall first = waiting.peekFirst();
          first != null && first.deadlineNs() - now <= 0;
          first = waiting.peekFirst()) {
        overdue.add(waiting.removeFirst());
      }
      InferCall next = waiting.peekFirst();
      if (next != null) {
        watch(next);
      }
    } finally {
      lock.unlock();
    }
    overdue.forEach(InferCall::endOverdue);
  }
}
