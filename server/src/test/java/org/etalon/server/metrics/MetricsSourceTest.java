package org.etalon.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.StageLatencies;
import org.junit.jupiter.api.Test;

final class MetricsSourceTest {
  private static final ModelStatistics BBH = Samples.model("b\"h", StageLatencies.EMPTY);
  private static final MetricsConfig DEFAULT = new MetricsConfig("127.0.0.1", 0);

  @Test
  void writesEverySeriesByItsNameWithLabelsInOrder() {
    String page = page(DEFAULT, BBH);
    String labels = "{model=\"b\\\"h\",version=\"2\"} ";
    assertThat(page.lines().filter(line -> line.startsWith("nv_")))
        .containsExactly(
            "nv_inference_request_success" + labels + "10",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"REJECTED\",version=\"2\"} 3",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"CANCELED\",version=\"2\"} 0",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"BACKEND\",version=\"2\"} 0",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"OTHER\",version=\"2\"} 0",
            "nv_inference_count" + labels + "40",
            "nv_inference_exec_count" + labels + "5",
            "nv_inference_pending_request_count" + labels + "7",
            "nv_model_load_duration_secs" + labels + "1.5",
            "nv_inference_request_duration_us" + labels + "12345",
            "nv_inference_queue_duration_us" + labels + "1",
            "nv_inference_compute_input_duration_us" + labels + "2",
            "nv_inference_compute_infer_duration_us" + labels + "3",
            "nv_inference_compute_output_duration_us" + labels + "4",
            "nv_cpu_utilization 0.25",
            "nv_cpu_memory_total_bytes 1000",
            "nv_cpu_memory_used_bytes 400",
            "nv_pinned_memory_pool_total_bytes 0",
            "nv_pinned_memory_pool_used_bytes 0",
            "nv_gpu_utilization{gpu_uuid=\"GPU-1\"} 0.5",
            "nv_gpu_power_usage{gpu_uuid=\"GPU-1\"} 70.25",
            "nv_gpu_power_limit{gpu_uuid=\"GPU-1\"} 700",
            "nv_gpu_memory_total_bytes{gpu_uuid=\"GPU-1\"} 1073741824",
            "nv_gpu_memory_used_bytes{gpu_uuid=\"GPU-1\"} 1048576");
    assertThat(page)
        .contains("# TYPE nv_inference_request_success counter\n")
        .contains("# TYPE nv_inference_pending_request_count gauge\n")
        .contains("etalon_connections{protocol=\"grpc\"} 1\n")
        .contains("etalon_connections{protocol=\"http\"} 3\n");
  }

  @Test
  void writesAHistogramAStage() {
    String page = page(DEFAULT, Samples.model("m", Samples.latencies(900, 1_000_000, 40_000_000)));
    assertThat(page)
        .contains("# TYPE etalon_inference_request_seconds histogram\n")
        .contains(
            "etalon_inference_request_seconds_bucket{le=\"1e-05\",model=\"m\",version=\"2\"} 1\n")
        .contains(
            "etalon_inference_request_seconds_bucket{le=\"0.001\",model=\"m\",version=\"2\"} 2\n")
        .contains(
            "etalon_inference_request_seconds_bucket{le=\"0.025\",model=\"m\",version=\"2\"} 2\n")
        .contains(
            "etalon_inference_request_seconds_bucket{le=\"+Inf\",model=\"m\",version=\"2\"} 3\n")
        .contains("etalon_inference_request_seconds_sum{model=\"m\",version=\"2\"} 0.0410009\n")
        .contains("etalon_inference_compute_infer_seconds_count{model=\"m\",version=\"2\"} 3\n")
        .contains("etalon_inference_queue_seconds_count{model=\"m\",version=\"2\"} 0\n");
  }

  @Test
  void writesAHistogramOfBatchSizesForEachReasonThatThereWas() {
    String page = page(DEFAULT, Samples.model("m", StageLatencies.EMPTY));
    String labels = "model=\"m\",reason=\"delay\",version=\"2\"} ";
    assertThat(page)
        .contains("etalon_inference_batch_size_bucket{le=\"1.0\"," + labels + "1\n")
        .contains("etalon_inference_batch_size_bucket{le=\"4.0\"," + labels + "2\n")
        .contains("etalon_inference_batch_size_bucket{le=\"16.0\"," + labels + "3\n")
        .contains("etalon_inference_batch_size_sum{" + labels + "20\n")
        .contains("etalon_inference_batch_size_count{" + labels + "3\n")
        .doesNotContain("reason=\"full\"");
  }

  @Test
  void summariesAreOfTheLastMinute() {
    AtomicLong clock = new AtomicLong();
    AtomicReference<StageLatencies> seen = new AtomicReference<>(Samples.latencies(1_000_000));
    MetricsSource source =
        Samples.source(
            with(new LatencySettings(true, false, List.of(0.5))),
            () -> List.of(Samples.model("m", seen.get())),
            clock::get);
    String median = "nv_inference_request_summary_us{model=\"m\",quantile=\"0.5\",version=\"2\"} ";
    source.noteLatencies();
    assertThat(source.page()).contains(median + "NaN\n");
    seen.set(Samples.latencies(1_000_000, 1_000, 1_000));
    assertThat(source.page())
        .contains("# TYPE nv_inference_request_summary_us summary\n")
        .contains(median + "0.5\n")
        .contains("nv_inference_request_summary_us_sum{model=\"m\",version=\"2\"} 1002\n")
        .contains("nv_inference_request_summary_us_count{model=\"m\",version=\"2\"} 3\n");
    for (int i = 1; i <= 7; i++) {
      clock.set(LatencyWindow.STEP.toNanos() * i);
      source.noteLatencies();
    }
    assertThat(source.page()).contains(median + "NaN\n");
  }

  @Test
  void leavesOutWhatIsNotAllowed() {
    MetricsConfig bare =
        new MetricsConfig(
            "127.0.0.1",
            0,
            false,
            false,
            Duration.ofSeconds(2),
            new LatencySettings(false, false, List.of()));
    assertThat(page(bare, BBH)).doesNotContain("nv_cpu_", "nv_gpu_", "_duration_us", "_summary_");
  }

  @Test
  void readsTheMachineOnceAnInterval() {
    AtomicLong clock = new AtomicLong();
    AtomicInteger readings = new AtomicInteger();
    var sensors =
        new MetricsSource.Sensors(
            List::of,
            List::of,
            TreeMap::new,
            () -> {
              readings.incrementAndGet();
              return Samples.MACHINE;
            },
            Optional.empty());
    MetricsSource source = new MetricsSource(DEFAULT, sensors, clock::get);
    List<Integer> seen = new ArrayList<>();
    for (long millis : new long[] {0, 1_999, 2_000}) {
      clock.set(Duration.ofMillis(millis).toNanos());
      var _ = source.page();
      seen.add(readings.get());
    }
    assertThat(seen).containsExactly(1, 1, 2);
  }

  @Test
  void settingsAreReadAsTheProtocolsServerSpellsThem() {
    assertThat(
            LatencySettings.parse(
                Map.of("summary_latencies", "true", "summary_quantiles", "0.5:0.05,0.99:0.001")))
        .isEqualTo(new LatencySettings(true, false, List.of(0.5, 0.99)));
    assertThat(LatencySettings.parse(Map.of("summary_latencies", "true")).quantiles()).hasSize(5);
    assertThat(LatencySettings.parse(Map.of("summary_quantiles", "0.5")).quantiles()).isEmpty();
  }

  private static String page(MetricsConfig config, ModelStatistics model) {
    return Samples.source(config, () -> List.of(model), () -> 0).page();
  }

  private static MetricsConfig with(LatencySettings latencies) {
    return new MetricsConfig("127.0.0.1", 0, true, true, Duration.ofSeconds(2), latencies);
  }
}
