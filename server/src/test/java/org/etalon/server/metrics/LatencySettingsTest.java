package org.etalon.server.metrics;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LatencySettingsTest {
  @Test
  void everyFaultIsNamedAtOnce() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("summary_latency", "true");
    settings.put("histogram_latencies", "yes");
    assertThatThrownBy(() -> LatencySettings.parse(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("summary_latency: unknown")
        .hasMessageContaining("nearest: summary_latencies")
        .hasMessageContaining("histogram_latencies: 'yes' (expected: true or false)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "1", "1.5:0.1", "a:b", "0.5:0.05,,"})
  void quantilesAreAboveZeroAndBelowOne(String text) {
    assertThatThrownBy(() -> LatencySettings.parse(Map.of("summary_quantiles", text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("summary_quantiles");
  }
}
