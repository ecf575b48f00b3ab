package org.etalon.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.engine.status.ModelStatistics.Total;
import org.junit.jupiter.api.Test;

final class MetricsFrontTest {
  private static final ModelStatistics BBH =
      new ModelStatistics(
          "b\"h",
          2,
          OptionalLong.empty(),
          40,
          5,
          new Total(10, 12_345_678),
          Map.of(FailureReason.REJECTED, new Total(3, 1)),
          new Total(10, 1_999),
          new Total(10, 2_000),
          new Total(10, 3_000),
          new Total(10, 4_000),
          List.of(),
          7);

  @Test
  void writesEverySeriesByItsNameWithLabelsInOrder() {
    String page = MetricsText.of(List.of(BBH), new Machine(OptionalDouble.of(0.25), 1000, 400));
    String labels = "{model=\"b\\\"h\",version=\"2\"} ";
    assertThat(page.lines().filter(line -> !line.startsWith("#")))
        .containsExactly(
            "nv_inference_request_success" + labels + "10",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"REJECTED\",version=\"2\"} 3",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"CANCELED\",version=\"2\"} 0",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"BACKEND\",version=\"2\"} 0",
            "nv_inference_request_failure{model=\"b\\\"h\",reason=\"OTHER\",version=\"2\"} 0",
            "nv_inference_count" + labels + "40",
            "nv_inference_exec_count" + labels + "5",
            "nv_inference_request_duration_us" + labels + "12345",
            "nv_inference_queue_duration_us" + labels + "1",
            "nv_inference_compute_input_duration_us" + labels + "2",
            "nv_inference_compute_infer_duration_us" + labels + "3",
            "nv_inference_compute_output_duration_us" + labels + "4",
            "nv_inference_pending_request_count" + labels + "7",
            "nv_cpu_utilization 0.25",
            "nv_cpu_memory_total_bytes 1000",
            "nv_cpu_memory_used_bytes 400");
    assertThat(page)
        .contains("# TYPE nv_inference_request_success counter\n")
        .contains("# TYPE nv_inference_pending_request_count gauge\n");
  }

  @Test
  void servesThePageOnItsOwnPort() throws Exception {
    try (var front = MetricsFront.start(new MetricsConfig("127.0.0.1", 0), () -> List.of(BBH));
        var client = HttpClient.newHttpClient()) {
      HttpResponse<String> page = get(client, front, "/metrics");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("content-type"))
          .contains("text/plain; version=0.0.4; charset=utf-8");
      assertThat(page.body()).contains("nv_inference_count{", "nv_cpu_memory_total_bytes ");
      assertThat(get(client, front, "/other").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void saysWhichPortItCannotHave() throws Exception {
    try (var front = MetricsFront.start(new MetricsConfig("127.0.0.1", 0), List::of)) {
      int taken = front.address().getPort();
      assertThatThrownBy(() -> MetricsFront.start(new MetricsConfig("127.0.0.1", taken), List::of))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:" + taken);
    }
  }

  private static HttpResponse<String> get(HttpClient client, MetricsFront front, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + front.address().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
