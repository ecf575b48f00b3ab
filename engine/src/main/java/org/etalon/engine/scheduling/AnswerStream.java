package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.DecoupledRequest;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The answers to one request of a decoupled model, on their way from any thread to the one handler.
 * Thread-safe: its lock guards field updates only, and one thread at a time calls the handler.
 */
final class AnswerStream implements DecoupledRequest {
  private final VersionName name;
  private final ModelShape shape;
  private final PendingRequest request;
  private final ResponseHandler handler;
  private final VersionStatistics statistics;
  private final RequestLedger ledger;
  private final Runnable onEnd;
  private final long takenNanos;

  private final ArrayDeque<InferenceResponse> unsent = new ArrayDeque<>(2);
  private @Nullable Runnable whenReady;
  private @Nullable Runnable whenCancelled;
  private @Nullable ServingException failure;
  private boolean isDelivering;
  private boolean mustLookAgain;
  private boolean isFinished;
  private boolean hasEnded;
  private int answers;
  private long lastNanos;

  /**
   * @param takenNanos when an instance took the request
   * @param onEnd is told when the handler has had its last answer
   */
  AnswerStream(
      VersionName name,
      ModelShape shape,
      PendingRequest request,
      VersionStatistics statistics,
      RequestLedger ledger,
      long takenNanos,
      Runnable onEnd) {
    this.name = name;
    this.shape = shape;
    this.request = request;
    this.handler = request.handler();
    this.statistics = statistics;
    this.ledger = ledger;
    this.takenNanos = takenNanos;
    this.lastNanos = takenNanos;
    this.onEnd = onEnd;
  }

  @Override
  public InferenceRequest request() {
    return request.request();
  }

  @Override
  public List<Tensor> inputs() {
    List<Tensor> inputs = new ArrayList<>(shape.inputs().size());
    for (int i = 0; i < shape.inputs().size(); i++) {
      Tensor input = request.input(i);
      if (input != null) {
        inputs.add(input);
      }
    }
    return inputs;
  }

  @Override
  public boolean isRequested(int output) {
    for (int n = 0; n < request.outputCount(); n++) {
      if (request.output(n) == output) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean isReady() {
    boolean isHandlerReady = handler.isReady();
    synchronized (this) {
      return isHandlerReady && failure == null && unsent.isEmpty();
    }
  }

  @Override
  public void onReady(Runnable action) {
    synchronized (this) {
      whenReady = action;
    }
    deliver();
  }

  @Override
  public void onCancel(Runnable action) {
    synchronized (this) {
      whenCancelled = action;
    }
    deliver();
  }

  @Override
  public synchronized boolean isCancelled() {
    return failure != null;
  }

  @Override
  public void send(List<Tensor> outputs, Runnable release) {
    InferenceResponse response;
    try {
      response =
          new InferenceResponse(
              name.model(),
              name.version(),
              request.request().id(),
              asked(outputs),
              Map.of(),
              release);
    } catch (ServingException e) {
      release.run();
      giveUp(e);
      return;
    }
    long now = System.nanoTime();
    boolean isTaken;
    int index;
    long since;
    synchronized (this) {
      index = answers;
      since = lastNanos;
      isTaken = !isFinished && failure == null && unsent.size() < MAX_UNSENT;
      if (isTaken) {
        unsent.addLast(response);
        answers++;
        lastNanos = now;
      } else if (failure == null && !isFinished) {
        failure = unread();
      }
    }
    if (isTaken) {
      statistics.responded(index, now - since, now - request.arrivalNanos());
    } else {
      response.close();
    }
    deliver();
  }

  private ServingException unread() {
    return new ServingException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "model '%s': %d answers wait to be read (expected: a client that reads them)"
            .formatted(name, MAX_UNSENT));
  }

  private List<Tensor> asked(List<Tensor> outputs) {
    List<Tensor> asked = new ArrayList<>(request.outputCount());
    for (int n = 0; n < request.outputCount(); n++) {
      String output = shape.outputNames().get(request.output(n));
      asked.add(
          outputs.stream()
              .filter(tensor -> tensor.name().equals(output))
              .findFirst()
              .orElseThrow(() ->
                  new ServingException(
                      ErrorCode.INTERNAL,
                      "model '%s' gave no output '%s'".formatted(name, output))));
    }
    return asked;
  }

  @Override
  public void finish() {
    synchronized (this) {
      isFinished = true;
    }
    deliver();
  }

  @Override
  public void fail(ServingException cause) {
    synchronized (this) {
      isFinished = true;
      failure = failure == null ? cause : failure;
    }
    deliver();
  }

  /** No more answers are delivered; the handler is told why when the model has finished. */
  void giveUp(ServingException cause) {
    synchronized (this) {
      failure = failure == null ? cause : failure;
    }
    deliver();
  }

  /** Brings the handler what there is, unless another thread is at it, who then looks again. */
  void deliver() {
    synchronized (this) {
      if (isDelivering) {
        mustLookAgain = true;
        return;
      }
      isDelivering = true;
    }
    for (Runnable next = next(); next != null; next = next()) {
      try {
        next.run();
      } catch (RuntimeException e) {
        fail(ServingException.internal("model '%s': %s".formatted(name, e), e));
      }
    }
  }

  /** What to do next, outside the lock; null if there is nothing, and the caller has left. */
  private @Nullable Runnable next() {
    while (true) {
      synchronized (this) {
        mustLookAgain = false;
      }
      boolean isHandlerReady = handler.isReady();
      synchronized (this) {
        Runnable next = next(isHandlerReady);
        if (next != null) {
          return next;
        }
        if (!mustLookAgain) {
          isDelivering = false;
          return null;
        }
      }
    }
  }

  private @Nullable Runnable next(boolean isHandlerReady) {
    if (hasEnded) {
      return null;
    }
    if (failure != null && !unsent.isEmpty()) {
      List<InferenceResponse> dropped = List.copyOf(unsent);
      unsent.clear();
      return () -> dropped.forEach(InferenceResponse::close);
    }
    if (!unsent.isEmpty()) {
      InferenceResponse response = unsent.peekFirst();
      if (!isHandlerReady) {
        return null;
      }
      unsent.removeFirst();
      return () -> ledger.answeredInPart(request, response);
    }
    if (isFinished) {
      hasEnded = true;
      whenReady = null;
      whenCancelled = null;
      ServingException cause = failure;
      return () -> end(cause);
    }
    Runnable action = failure == null ? whenReady : whenCancelled;
    if (action == null || (failure == null && !isHandlerReady)) {
      return null;
    }
    whenReady = null;
    whenCancelled = failure == null ? whenCancelled : null;
    return action;
  }

  private void end(@Nullable ServingException cause) {
    onEnd.run();
    if (cause == null) {
      statistics.finished(request, takenNanos, System.nanoTime());
      ledger.answered(
          request,
          InferenceResponse.of(name.model(), name.version(), request.request().id(), List.of()));
    } else {
      statistics.failedStream(cause, answers, System.nanoTime() - request.arrivalNanos());
      ledger.failed(request, cause);
    }
  }
}
