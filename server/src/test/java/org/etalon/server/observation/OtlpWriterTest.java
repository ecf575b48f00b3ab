package org.etalon.server.observation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.RequestTrace.Moment;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.server.observation.Collector.Span;
import org.junit.jupiter.api.Test;

/** Spans as a collector gets them. */
final class OtlpWriterTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";

  private static final ResponseHandler HANDLER =
      new ResponseHandler() {
        @Override
        public void onResponse(InferenceResponse response, boolean isLast) {}

        @Override
        public void onError(ServingException error) {}
      };

  private static Tracing tracing(String url, String... more) {
    List<String> options = new ArrayList<>(List.of(more));
    options.add("mode=opentelemetry");
    options.add("opentelemetry,url=" + url);
    options.add("opentelemetry,resource=service.name=test");
    return Tracing.start(TraceConfig.parse(options));
  }

  private static ResponseHandler watched(Tracing tracing, String traceParent) {
    InferenceRequest request = InferenceRequest.to(ModelId.of("graph")).id("r").build();
    return new Observation(LogControl.fixed(), tracing)
        .watch(request, HANDLER, Protocol.GRPC, traceParent, System.nanoTime());
  }

  private static void run(RequestTrace trace, long from) {
    trace.at(Moment.QUEUE_START, from);
    trace.at(Moment.COMPUTE_START, from + 1000);
    trace.at(Moment.COMPUTE_END, from + 5000);
  }

  @Test
  void makesSpansOfARequestItsStepsAndTheirStagesWithinTheClientsTrace() throws Exception {
    try (Collector collector = new Collector()) {
      try (Tracing tracing = tracing(collector.url(), "level=TIMESTAMPS", "rate=1")) {
        ResponseHandler handler = watched(tracing, PARENT);
        RequestTrace trace = Objects.requireNonNull(handler.trace());
        RequestTrace step = trace.child();
        step.servedBy("step", 3);
        run(step, System.nanoTime());
        handler.onResponse(InferenceResponse.of("graph", 1, Optional.of("r"), List.of()), true);
      }
      Map<String, Span> spans = collector.byName();
      assertThat(spans).containsOnlyKeys("InferRequest", "step", "queue", "compute");
      assertThat(spans.values()).allMatch(span -> span.traceId().equals(TRACE));
      Span root = collector.named("InferRequest");
      assertThat(root.parentId()).isEqualTo("b7ad6b7169203331");
      assertThat(root.events()).contains("GRPC_WAITREAD_START", "GRPC_SEND_END");
      assertThat(root.resource()).contains("service.name=test ");
      assertThat(collector.named("step").parentId()).isEqualTo(root.spanId());
      Span compute = collector.named("compute");
      assertThat(compute.parentId()).isEqualTo(collector.named("step").spanId());
      assertThat(compute.end() - compute.start()).isEqualTo(4000);
    }
  }

  @Test
  void tracesWhatItsClientTracesWhateverTheRate() throws Exception {
    try (Collector collector = new Collector()) {
      try (Tracing tracing = tracing(collector.url(), "level=TIMESTAMPS", "rate=1000")) {
        watched(tracing, "00-" + TRACE + "-b7ad6b7169203331-00")
            .onError(ServingException.unavailable("not told"));
        watched(tracing, PARENT).onError(ServingException.unavailable("told"));
      }
      assertThat(collector.byName()).containsOnlyKeys("InferRequest");
      assertThat(collector.named("InferRequest").isError()).isTrue();
    }
  }

  @Test
  void holdsUpNeitherRequestsNorTheEndWhereThereIsNoCollector() {
    try (Tracing tracing = tracing("http://127.0.0.1:1/v1/traces", "level=TIMESTAMPS", "rate=1")) {
      for (int i = 0; i < 5000; i++) {
        watched(tracing, PARENT).onError(ServingException.unavailable("lost"));
      }
    }
  }
}
