package org.etalon.server.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.RequestTrace.Moment;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.server.observation.FinishedTrace.TracedTensor;
import org.jspecify.annotations.Nullable;

/** Keeps a request's trace while it goes through the engine and back. Called as its handler is. */
final class WatchedHandler implements ResponseHandler {
  private final ResponseHandler handler;
  private final Tracing tracing;
  private final TraceSettings settings;
  private final Protocol protocol;
  private final InferenceRequest request;
  private final Optional<TraceParent> parent;
  private final RequestTrace trace;
  private final List<TracedTensor> tensors = new ArrayList<>(0);

  WatchedHandler(
      ResponseHandler handler,
      Tracing tracing,
      TraceSettings settings,
      Protocol protocol,
      InferenceRequest request,
      Optional<TraceParent> parent,
      long receivedNanos) {
    this.handler = handler;
    this.tracing = tracing;
    this.settings = settings;
    this.protocol = protocol;
    this.request = request;
    this.parent = parent;
    this.trace = tracing.newTrace();
    trace.servedBy(request.model().name(), request.model().version().orElse(-1));
    trace.at(Moment.RECV_START, receivedNanos);
    trace.at(Moment.RECV_END, System.nanoTime());
    keep("TENSOR_QUEUE_INPUT", request.inputs());
  }

  @Override
  public @Nullable RequestTrace trace() {
    return trace;
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    keep("TENSOR_BACKEND_OUTPUT", response.outputs());
    trace.at(Moment.SEND_START, System.nanoTime());
    handler.onResponse(response, isLast);
    trace.at(Moment.SEND_END, System.nanoTime());
    if (isLast) {
      finish(Optional.empty());
    }
  }

  @Override
  public void onError(ServingException error) {
    trace.at(Moment.SEND_START, System.nanoTime());
    handler.onError(error);
    trace.at(Moment.SEND_END, System.nanoTime());
    finish(Optional.of(String.valueOf(error.getMessage())));
  }

  private void keep(String activity, List<Tensor> kept) {
    if (settings.hasTensors()) {
      kept.forEach(tensor -> tensors.add(TracedTensor.of(activity, tensor)));
    }
  }

  private void finish(Optional<String> error) {
    tracing.finished(
        new FinishedTrace(settings, protocol, trace, request.id(), parent, tensors, error));
  }
}
