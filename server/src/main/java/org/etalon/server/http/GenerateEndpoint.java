package org.etalon.server.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.etalon.engine.Engine;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.json.GenerateRequest;
import org.etalon.protocol.json.GenerateText;
import org.etalon.server.internal.RequestErrors;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;

/** Asks a model by the generate extension: plain JSON in, plain JSON out. Thread-safe. */
final class GenerateEndpoint {
  private final Engine engine;
  private final Observation observation;
  private final ForwardedHeaders forwarded;

  GenerateEndpoint(Engine engine, Observation observation, ForwardedHeaders forwarded) {
    this.forwarded = forwarded;
    this.observation = observation;
    this.engine = engine;
  }

  /** Answers with one JSON document. */
  void generate(Exchange exchange, PathVariables path) {
    InferenceRequest request = decode(exchange, path.model());
    submit(
        exchange,
        request,
        new InferHandler(exchange, request.id(), "generate", GenerateAnswer::new));
  }

  /** Answers with an event for each of the model's responses. */
  void stream(Exchange exchange, PathVariables path) {
    InferenceRequest request = decode(exchange, path.model());
    submit(exchange, request, new StreamHandler(exchange, request.id()));
  }

  private InferenceRequest decode(Exchange exchange, ModelId model) {
    boolean isBatching = engine.config(model).getMaxBatchSize() > 0;
    InferenceRequest request =
        GenerateRequest.decode(model, engine.metadata(model).inputs(), isBatching, exchange.body());
    return forwarded.addTo(request, exchange.headers());
  }

  private void submit(Exchange exchange, InferenceRequest request, ResponseHandler handler) {
    InferenceCall call = engine.submit(request, exchange.watch(observation, request, handler));
    exchange.onClientGone(call::cancel);
  }

  /** A response that becomes JSON where it is written. */
  private record GenerateAnswer(InferenceResponse response) implements Answer {
    /** JSON takes about three times the bytes of the numbers in it. */
    private static final int JSON_GROWTH = 3;

    @Override
    public FullHttpResponse encode(ByteBufAllocator allocator) {
      try (response) {
        FullHttpResponse made =
            Answer.response(
                HttpResponseStatus.OK, Unpooled.wrappedBuffer(GenerateText.of(response)));
        made.headers().set(HttpHeaderNames.CONTENT_TYPE, JSON);
        return made;
      } catch (ServingException e) {
        return Answer.error(e, RequestErrors.text(response.id(), e)).response();
      }
    }

    @Override
    public void discard() {
      response.close();
    }

    @Override
    public long byteSize() {
      long size = 0;
      for (Tensor output : response.outputs()) {
        size += JSON_GROWTH * output.data().byteSize();
      }
      return size;
    }
  }
}
