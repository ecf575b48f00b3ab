package org.etalon.engine;

import java.util.concurrent.CompletableFuture;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * A request's answer as a future. Cancelling asks the engine to give up; the future is done when
 * the engine has let go of the request's memory.
 */
final class InferenceFuture extends CompletableFuture<InferenceResponse>
    implements ResponseHandler {
  private volatile InferenceCall call = () -> {};

  /** The model's name, once it has answered as only a decoupled one does. */
  private volatile @Nullable String decoupled;

  /** Tells how to give up; called once, right after the request was submitted. */
  void follow(InferenceCall submitted) {
    call = submitted;
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    if (!isLast || response.outputs().isEmpty()) {
      decoupled = response.modelName();
    }
    String answered = decoupled;
    if (answered != null) {
      response.close();
      if (isLast) {
        completeExceptionally(notOnce(answered));
      } else {
        call.cancel();
      }
    } else if (!complete(response)) {
      response.close(); // someone else completed the future, and nobody will close this
    }
  }

  @Override
  public void onError(ServingException error) {
    String answered = decoupled;
    completeExceptionally(answered == null ? error : notOnce(answered));
  }

  private static ServingException notOnce(String model) {
    return new ServingException(
        ErrorCode.UNIMPLEMENTED,
        "model '%s' answers a request any number of times (expected: one that answers once)"
            .formatted(model));
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
