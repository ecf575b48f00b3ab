package org.etalon.engine;

import java.util.concurrent.CompletableFuture;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;

/**
 * A request's answer as a future. Cancelling asks the engine to give up; the future is done when
 * the engine has let go of the request's memory.
 */
final class InferenceFuture extends CompletableFuture<InferenceResponse>
    implements ResponseHandler {
  private volatile InferenceCall call = () -> {};

  /** Tells how to give up; called once, right after the request was submitted. */
  void follow(InferenceCall submitted) {
    call = submitted;
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    if (!complete(response)) {
      response.close(); // someone else completed the future, and nobody will close this
    }
  }

  @Override
  public void onError(ServingException error) {
    completeExceptionally(error);
  }

  /**
   * Asks the engine to give up, whatever the argument.
   *
   * @return true if the request was given up before this returned
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (isDone()) {
      return false;
    }
    call.cancel();
    return isCompletedExceptionally();
  }
}
