package org.etalon.server.observation;

import java.util.Optional;
import org.etalon.engine.Engine;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** What is seen of a server, shared by its fronts. Thread-safe. */
public record Observation(LogControl log, Tracing tracing) {
  /** Of a server inside another program. */
  public static Observation embedded() {
    return new Observation(LogControl.fixed(), Tracing.none());
  }

  /**
   * @throws ServingException INVALID_ARGUMENT if the engine serves no model of that name
   */
  public static void requireKnown(Engine engine, String model) {
    if (model.isEmpty() || !engine.isReady(ModelId.of(model))) {
      throw ServingException.invalid("Request for unknown model : " + model);
    }
  }

  /**
   * The handler to give the engine in a request's name: {@code handler} itself, or one around it
   * where the request is watched.
   *
   * @param traceParent the header {@link TraceParent#HEADER}, if there is one
   * @param receivedNanos when it came, on {@link System#nanoTime}'s clock
   */
  public ResponseHandler watch(
      InferenceRequest request,
      ResponseHandler handler,
      Protocol protocol,
      @Nullable String traceParent,
      long receivedNanos) {
    ResponseHandler logged =
        RequestLog.isOn() ? new RequestLog(handler, request, traceParent) : handler;
    if (!tracing.isOn()) {
      return logged;
    }
    Optional<TraceParent> parent = TraceParent.of(traceParent);
    TraceSettings settings = tracing.sample(request.model().name(), parent);
    return settings == null
        ? logged
        : new WatchedHandler(logged, tracing, settings, protocol, request, parent, receivedNanos);
  }
}
