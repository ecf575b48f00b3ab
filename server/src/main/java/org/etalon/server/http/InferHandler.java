package org.etalon.server.http;

import java.util.Optional;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.BinaryOutputs;
import org.etalon.protocol.json.DecodedRequest;
import org.etalon.server.internal.OutputWishes;
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
  private final BinaryOutputs binary;
  private final OutputWishes wishes;
  private @Nullable InferenceResponse only;
  private boolean hasMore;

  InferHandler(Exchange exchange, DecodedRequest decoded, OutputWishes wishes) {
    this.wishes = wishes;
    this.exchange = exchange;
    this.requestId = decoded.request().id();
    this.binary = decoded.binaryOutputs();
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
      closeKept();
      onError(
          new ServingException(
              ErrorCode.UNIMPLEMENTED,
              "HTTP infer answers once, and the model gave several responses (expected: ask it by"
                  + " gRPC ModelStreamInfer)"));
    } else {
      answer(response);
    }
  }

  private void answer(InferenceResponse response) {
    InferenceResponse wanted;
    try {
      wanted = wishes.grant(response);
    } catch (ServingException e) {
      onError(e);
      return;
    }
    exchange.answer(new InferAnswer(wanted, binary, wishes.places()));
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
