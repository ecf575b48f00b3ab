package org.etalon.engine.scheduling;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.request.RequestTrace;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps count of a version's accepted requests until each has had its last answer. Thread-safe,
 * without locks.
 */
final class RequestLedger {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLedger.class);

  private final AtomicInteger inFlight = new AtomicInteger();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean isDraining;

  /** Counts a request in; false if no more are taken, and the request is not counted. */
  boolean accept() {
    inFlight.incrementAndGet();
    if (isDraining) {
      leave();
      return false;
    }
    return true;
  }

  void answered(PendingRequest request, InferenceResponse response) {
    note(request);
    try {
      request.handler().onResponse(response, true);
    } catch (RuntimeException e) {
      LOG.error("the handler of a response from model '{}' failed", response.modelName(), e);
    } finally {
      leave();
    }
  }

  /** An answer that is not the last. */
  void answeredInPart(PendingRequest request, InferenceResponse response) {
    try {
      request.handler().onResponse(response, false);
    } catch (RuntimeException e) {
      LOG.error("the handler of a response from model '{}' failed", response.modelName(), e);
    }
  }

  void failed(PendingRequest request, ServingException error) {
    note(request);
    try {
      request.handler().onError(error);
    } catch (RuntimeException e) {
      LOG.error("the handler of an error from model '{}' failed", request.request().model(), e);
    } finally {
      leave();
    }
  }

  private static void note(PendingRequest request) {
    RequestTrace trace = request.handler().trace();
    if (trace != null) {
      trace.at(RequestTrace.Moment.REQUEST_END, System.nanoTime());
    }
  }

  int inFlight() {
    return inFlight.get();
  }

  /** Takes no more; done when all are out. */
  CompletableFuture<Void> drain() {
    isDraining = true;
    if (inFlight.get() == 0) {
      drained.complete(null);
    }
    return drained.copy();
  }

  private void leave() {
    if (inFlight.decrementAndGet() == 0 && isDraining) {
      drained.complete(null);
    }
  }
}
