package org.etalon.server.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TracingTest {
  private static final ResponseHandler HANDLER =
      new ResponseHandler() {
        @Override
        public void onResponse(InferenceResponse response, boolean isLast) {}

        @Override
        public void onError(ServingException error) {}
      };

  @TempDir private Path folder;

  private Tracing tracing(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("triton,file=" + folder.resolve("t"));
    return Tracing.start(TraceConfig.parse(all));
  }

  private static ResponseHandler watched(Tracing tracing, String model) {
    return new Observation(LogControl.fixed(), tracing)
        .watch(
            InferenceRequest.to(ModelId.of(model)).build(),
            HANDLER,
            Protocol.HTTP,
            null,
            System.nanoTime());
  }

  private static boolean isTraced(Tracing tracing, String model) {
    return watched(tracing, model) != HANDLER;
  }

  @Test
  void leavesTheHandlerAloneWhileNothingIsTraced() {
    try (Tracing tracing = tracing()) {
      assertThat(isTraced(tracing, "m")).isFalse();
    }
  }

  @Test
  void takesEverySoManyRequestsUntilTheCountIsReached() {
    try (Tracing tracing = tracing("level=TIMESTAMPS", "rate=3", "count=2")) {
      var taken = new StringBuilder();
      for (int i = 1; i <= 12; i++) {
        taken.append(isTraced(tracing, "m") ? i + " " : "");
      }
      assertThat(taken).hasToString("3 6 ");
    }
  }

  @Test
  void tracesAModelByItsOwnSettingsUntilTheyAreCleared() {
    try (Tracing tracing = tracing("rate=1")) {
      tracing.change("a", Map.of("trace_level", List.of("TIMESTAMPS")));
      assertThat(isTraced(tracing, "a")).isTrue();
      assertThat(isTraced(tracing, "b")).isFalse();
      tracing.change(Map.of("trace_rate", List.of("1000")));
      assertThat(tracing.settings("a").rate()).isEqualTo(1000);
      tracing.change("a", Map.of("trace_level", List.of()));
      assertThat(isTraced(tracing, "a")).isFalse();
      assertThat(tracing.settings("a")).isEqualTo(tracing.settings());
    }
  }

  @Test
  void goesBackToTheStartWhereAGlobalSettingIsCleared() {
    try (Tracing tracing = tracing("rate=7")) {
      tracing.change(Map.of("trace_rate", List.of("9")));
      assertThat(tracing.change(Map.of("trace_rate", List.of())).rate()).isEqualTo(7);
    }
  }

  @Test
  void refusesAChangeAsAWhole() {
    try (Tracing tracing = tracing()) {
      Map<String, List<String>> wrong =
          Map.of(
              "trace_rate",
              List.of("0"),
              "trace_count",
              List.of("5"),
              "trace_levle",
              List.of("OFF"));
      assertThatThrownBy(() -> tracing.change(wrong))
          .hasMessageContaining("trace_rate '0' (expected: a whole number from 1)")
          .hasMessageContaining("did you mean 'trace_level'?");
      assertThatThrownBy(() -> tracing.change("m", Map.of("nonsense", List.of())))
          .hasMessageContaining("unknown setting 'nonsense'");
      assertThatThrownBy(() -> tracing.change(Map.of("trace_mode", List.of("opentelemetry"))))
          .hasMessageContaining("--trace-config");
      assertThat(tracing.settings().count()).isEqualTo(-1);
    }
    assertThatThrownBy(() -> Tracing.none().change(Map.of("trace_level", List.of("TIMESTAMPS"))))
        .hasMessageContaining("without a place for traces");
  }

  @Test
  void splitsTracesOverFilesThatAreEachWhole() throws Exception {
    try (Tracing tracing = tracing("level=TIMESTAMPS", "rate=1", "triton,log-frequency=2")) {
      for (int i = 0; i < 3; i++) {
        watched(tracing, "m").onError(ServingException.unavailable("no"));
      }
    }
    for (String name : List.of("t.0", "t.1")) {
      assertThat(Files.readString(folder.resolve(name))).startsWith("[\n{").endsWith("}\n]\n");
    }
    assertThat(Files.readString(folder.resolve("t.0"))).contains("\"id\":1}").contains("\"id\":2}");
    assertThat(Files.readString(folder.resolve("t.1"))).contains("\"id\":3}");
  }

  @Test
  void readsTheOptionsOfTritonserver() {
    TraceConfig config =
        TraceConfig.parse(
            List.of(
                "mode=opentelemetry",
                "level=TIMESTAMPS",
                "rate=2",
                "opentelemetry,url=collector:4318/v1/traces",
                "opentelemetry,resource=service.name=ligo",
                "opentelemetry,bsp_schedule_delay=100"));
    assertThat(config.settings().mode()).isEqualTo(TraceMode.OPENTELEMETRY);
    assertThat(config.url()).hasToString("http://collector:4318/v1/traces");
    assertThat(config.resource()).containsEntry("service.name", "ligo");
    assertThat(config.delay().toMillis()).isEqualTo(100);
    assertThatThrownBy(
            () -> TraceConfig.parse(List.of("levle=OFF", "rate=x", "opentelemetry,url=ftp://x")))
        .hasMessageContaining("unknown 'levle'")
        .hasMessageContaining("trace_rate 'x'")
        .hasMessageContaining("ftp://x");
    assertThatThrownBy(() -> TraceConfig.parse(List.of("level=TIMESTAMPS")))
        .hasMessageContaining("no place for traces");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      })
  void takesATraceParentOfAnotherFormForNone(String header) {
    assertThat(TraceParent.of(header)).isEmpty();
  }

  @Test
  void readsATraceParent() {
    assertThat(TraceParent.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        .isEqualTo(
            Optional.of(
                new TraceParent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true)));
  }
}
