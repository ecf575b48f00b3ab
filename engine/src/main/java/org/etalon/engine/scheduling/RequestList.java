package org.etalon.engine.scheduling;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests in the order in which they came. Any of them leaves in constant time, and standing here
 * costs no memory: the requests themselves hold the links. Guarded by their scheduler's lock.
 */
final class RequestList {
  private @Nullable PendingRequest first;
  private @Nullable PendingRequest last;
  private int size;

  int size() {
    return size;
  }

  @Nullable PendingRequest first() {
    return first;
  }

  /**
   * @param request that stands in no list
   */
  void addLast(PendingRequest request) {
    request.list = this;
    request.previous = last;
    if (last == null) {
      first = request;
    } else {
      last.next = request;
    }
    last = request;
    size++;
  }

  /**
   * @param request that stands in this list
   */
  void remove(PendingRequest request) {
    PendingRequest before = request.previous;
    PendingRequest after = request.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    request.list = null;
    request.previous = null;
    request.next = null;
    size--;
  }

  /** Takes all out. */
  void drainTo(Consumer<PendingRequest> sink) {
    for (PendingRequest request = first; request != null; request = first) {
      remove(request);
      sink.accept(request);
    }
  }
}
