package org.etalon.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.etalon.engine.status.StageLatencies;
import org.junit.jupiter.api.Test;

final class MetricsFrontTest {
  private static final MetricsConfig ANYWHERE = new MetricsConfig("127.0.0.1", 0);

  @Test
  void servesThePageOnItsOwnPort() throws Exception {
    try (var front = MetricsFront.start(ANYWHERE, source());
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
    try (var front = MetricsFront.start(ANYWHERE, source())) {
      int taken = front.address().getPort();
      assertThatThrownBy(() -> MetricsFront.start(new MetricsConfig("127.0.0.1", taken), source()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:" + taken);
    }
  }

  private static MetricsSource source() {
    return Samples.source(
        ANYWHERE, () -> List.of(Samples.model("bbh", StageLatencies.EMPTY)), System::nanoTime);
  }

  private static HttpResponse<String> get(HttpClient client, MetricsFront front, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + front.address().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
