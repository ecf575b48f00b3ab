package org.etalon.server.http;

import java.util.Optional;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.GenerateText;
import org.etalon.protocol.json.JsonText;
import org.etalon.server.internal.RequestErrors;
import org.jspecify.annotations.Nullable;

/**
 * Answers an exchange with an event for each response of a model. Called by one thread at a time.
 *
 * <p>An error before the first event is a plain answer with its own status; after it, an event.
 */
final class StreamHandler implements ResponseHandler {
  private final Exchange exchange;
  private final Optional<String> requestId;
  private @Nullable EventStream stream;
  private boolean isOver;

  StreamHandler(Exchange exchange, Optional<String> requestId) {
    this.exchange = exchange;
    this.requestId = requestId;
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    try (response) {
      boolean isMereEnd = isLast && response.outputs().isEmpty();
      if (!isOver && !isMereEnd) {
        send(GenerateText.of(response));
      }
    } catch (ServingException e) {
      giveUp(e);
    } catch (RuntimeException | Error e) { // InternalError too: shared memory that was cut short
      giveUp(ServingException.internal("internal error while making the answer: " + e, e));
    }
    if (isLast && !isOver) {
      open().end();
      exchange.moved();
    }
  }

  private void send(byte[] line) {
    if (!open().offer(line)) {
      throw new ServingException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "the client reads slower than the model answers: too much waits for it (expected: it reads"
              + " on)");
    }
    exchange.moved();
  }

  private EventStream open() {
    if (stream == null) {
      stream = new EventStream();
      exchange.stream(stream);
    }
    return stream;
  }

  @Override
  public void onError(ServingException error) {
    if (!isOver) {
      fail(error);
    }
  }

  /** Tells the client, and the model to stop; what it still answers is dropped. */
  private void giveUp(ServingException error) {
    fail(error);
    exchange.clientGone();
  }

  private void fail(ServingException error) {
    isOver = true;
    String text = RequestErrors.text(requestId, error);
    if (stream == null) {
      exchange.answer(Answer.error(error, text));
    } else {
      stream.offerLast(JsonText.error(text));
      exchange.moved();
    }
  }
}
