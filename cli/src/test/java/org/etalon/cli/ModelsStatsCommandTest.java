package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.etalon.client.VersionStatistics;
import org.etalon.client.VersionStatistics.Total;
import org.junit.jupiter.api.Test;

final class ModelsStatsCommandTest {
  private static final String PAGE =
      """
      # TYPE nv_inference_request_failure counter
      nv_inference_request_failure{model="m",reason="OTHER",version="1"} 2
      nv_inference_request_failure{model="m",reason="REJECTED",version="1"} 0
      nv_inference_request_failure{model="n",reason="REJECTED",version="1"} 9
      etalon_inference_request_seconds_bucket{le="0.001",model="m",version="1"} 50
      etalon_inference_request_seconds_bucket{le="0.002",model="m",version="1"} 100
      etalon_inference_request_seconds_bucket{le="+Inf",model="m",version="1"} 100
      nv_cpu_utilization 0.5
      """;

  private static final VersionStatistics VERSION =
      new VersionStatistics(
          "m",
          1,
          400,
          100,
          new Total(100, 123_456_789),
          new Total(2, 0),
          new Total(100, 0),
          new Total(100, 0),
          new Total(100, 50_000_000),
          new Total(100, 0),
          0,
          0,
          0);

  @Test
  void tellsCountsMeansAndQuantiles() {
    String json =
        ModelsStatsCommand.table(List.of(VERSION), Map.of("m/1", 1234.5), MetricsReader.parse(PAGE))
            .toJson();
    assertThat(json)
        .contains(
            "\"requests\":100,\"failed\":2,\"failures\":\"OTHER 2\",\"rows\":400,\"mean_batch\":4.0")
        .contains(
            "\"rows_per_s\":1230.0,\"request_ms\":1.23,\"request_p50\":1.0,\"request_p99\":1.98")
        .contains("\"compute_ms\":0.5,\"compute_p50\":\"\"");
  }

  @Test
  void leavesGapsWhereTheServerTellsNothing() {
    String text =
        ModelsStatsCommand.table(List.of(VERSION), Map.of(), MetricsReader.none()).toText();
    assertThat(text.lines()).hasSize(2);
    assertThat(text).contains("1.23").doesNotContain("OTHER");
  }
}
