package org.etalon.server.http;

import java.util.Optional;
import java.util.function.Function;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.server.internal.RequestErrors;
import org.jspecify.annotations.Nullable;

/**
 * Answers an exchange with the one response of a model. Called by one thread at a time.
 *
 * <p>The exchange is answered at the last call only: until then the engine may read its body.
 */
final class InferHandler implements ResponseHandler {
  private final Exchange exchange;
  private final Optional<String> requestId;
  private final String endpoint;
  private final Function<InferenceResponse, Answer> form;
  private @Nullable InferenceResponse only;
  private boolean hasMore;

  /**
   * @param endpoint named where a model answers several times
   * @param form makes the answer, which owns the response then, or throws a ServingException
   */
  InferHandler(
      Exchange exchange,
      Optional<String> requestId,
      String endpoint,
      Function<InferenceResponse, Answer> form) {
    this.exchange = exchange;
    this.requestId = requestId;
    this.endpoint = endpoint;
    this.form = form;
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    if (only == null) {
      only = response;
    } else {
      boolean isMereEnd = isLast && response.outputs().isEmpty();
      hasMore |= !isMereEnd;
      response.close();
    }
    if (isLast) {
      finish();
    }
  }

  private void finish() {
    InferenceResponse response = only;
    if (response == null || hasMore) {
      onError(
          new ServingException(
              ErrorCode.UNIMPLEMENTED,
              "HTTP %s answers once, and the model gave %s (expected: ask it by generate_stream, or by gRPC ModelStreamInfer)"
                  .formatted(endpoint, hasMore ? "several responses" : "no response")));
    } else {
      answer(response);
    }
  }

  private void answer(InferenceResponse response) {
    Answer answer;
    try {
      answer = form.apply(response);
    } catch (ServingException e) {
      onError(e);
      return;
    } catch (RuntimeException | Error e) { // InternalError too: shared memory that was cut short
      onError(ServingException.internal("internal error while making the answer: " + e, e));
      return;
    }
    exchange.answer(answer);
  }

  @Override
  public void onError(ServingException error) {
    closeKept();
    exchange.answer(Answer.error(error, RequestErrors.text(requestId, error)));
  }

  private void closeKept() {
    if (only != null) {
      only.close();
      only = null;
    }
  }
}
