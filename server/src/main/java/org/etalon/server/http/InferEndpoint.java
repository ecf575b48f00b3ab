package org.etalon.server.http;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.engine.Engine;
import org.etalon.engine.request.InferenceCall;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.DecodedRequest;
import org.etalon.protocol.json.JsonRequestDecoder;
import org.etalon.protocol.json.RawRequest;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.OutputWishes;
import org.etalon.server.internal.RequestErrors;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;
import org.jspecify.annotations.Nullable;

/** Asks a model. Thread-safe. */
final class InferEndpoint implements Endpoint {
  private final Engine engine;
  private final SharedMemory shared;
  private final Observation observation;
  private final ForwardedHeaders forwarded;

  InferEndpoint(
      Engine engine, SharedMemory shared, Observation observation, ForwardedHeaders forwarded) {
    this.forwarded = forwarded;
    this.observation = observation;
    this.shared = shared;
    this.engine = engine;
  }

  @Override
  public void handle(Exchange exchange, PathVariables path) {
    OptionalLong jsonBytes = jsonBytes(exchange.headers().get(InferAnswer.HEADER_LENGTH));
    DecodedRequest decoded;
    OutputWishes wishes;
    try {
      decoded = decode(exchange.body(), jsonBytes, path.model());
      wishes = OutputWishes.of(decoded.request(), shared, engine);
    } catch (ServingException e) {
      Optional<String> id = JsonRequestDecoder.idOf(exchange.body(), jsonBytes);
      exchange.answer(Answer.error(e, RequestErrors.text(id, e)));
      return;
    }
    if (engine.isDecoupled(path.model())) {
      throw new ServingException(
          ErrorCode.UNIMPLEMENTED,
          "HTTP end point doesn't support models with decoupled transaction policy");
    }
    InferHandler handler =
        new InferHandler(
            exchange,
            decoded.request().id(),
            "infer",
            response ->
                new InferAnswer(wishes.grant(response), decoded.binaryOutputs(), wishes.places()));
    InferenceRequest request = forwarded.addTo(decoded.request(), exchange.headers());
    InferenceCall call = engine.submit(request, exchange.watch(observation, request, handler));
    exchange.onClientGone(call::cancel);
  }

  private DecodedRequest decode(MemorySegment body, OptionalLong jsonBytes, ModelId model) {
    if (jsonBytes.isPresent() && jsonBytes.getAsLong() == 0) {
      return RawRequest.decode(model, engine.config(model), body);
    }
    return JsonRequestDecoder.decode(model, body, jsonBytes, shared);
  }

  private static OptionalLong jsonBytes(@Nullable String headerLength) {
    if (headerLength == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(headerLength));
    } catch (NumberFormatException e) {
      throw ServingException.invalid(
          "Inference-Header-Content-Length: '%s' (expected: the number of bytes of JSON)"
              .formatted(headerLength));
    }
  }
}
