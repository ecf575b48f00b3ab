package org.etalon.server.observation;

import java.util.HashMap;
import java.util.Map;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Logs how a request ended, where the log is verbose. Called as the request's handler is. */
final class RequestLog implements ResponseHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
  private static final int NANOS_PER_MICRO = 1000;

  private final ResponseHandler handler;
  private final InferenceRequest request;
  private final @Nullable String traceParent;
  private final long begin = System.nanoTime();
  private long version = -1;

  RequestLog(ResponseHandler handler, InferenceRequest request, @Nullable String traceParent) {
    this.handler = handler;
    this.request = request;
    this.traceParent = traceParent;
  }

  static boolean isOn() {
    return LOG.isDebugEnabled();
  }

  @Override
  public @Nullable RequestTrace trace() {
    return handler.trace();
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    version = response.modelVersion();
    handler.onResponse(response, isLast);
    if (isLast) {
      log("answered", null);
    }
  }

  @Override
  public void onError(ServingException error) {
    handler.onError(error);
    log("failed with " + error.code(), error);
  }

  private void log(String outcome, @Nullable ServingException error) {
    Map<String, String> context = new HashMap<>();
    request.id().ifPresent(id -> context.put("request_id", id));
    context.put("model", request.model().name());
    if (version > 0) {
      context.put("version", Long.toString(version));
    }
    TraceParent.of(traceParent).ifPresent(parent -> context.put("trace_id", parent.traceId()));
    context.forEach(MDC::put);
    try {
      long micros = (System.nanoTime() - begin) / NANOS_PER_MICRO;
      if (error == null) {
        LOG.debug("request {} in {} us", outcome, micros);
      } else {
        LOG.debug("request {} in {} us: {}", outcome, micros, error.getMessage());
      }
    } finally {
      context.keySet().forEach(MDC::remove);
    }
  }
}
