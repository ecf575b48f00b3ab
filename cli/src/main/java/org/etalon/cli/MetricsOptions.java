package org.etalon.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.etalon.server.metrics.LatencySettings;
import org.etalon.server.metrics.MetricsConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code etalon serve} that say which metrics are served, and where. */
final class MetricsOptions {
  @Option(names = "--allow-metrics", arity = "1", description = "Serve /metrics (default: true).")
  private boolean isAllowed = true;

  @Option(names = "--metrics-port", description = "0: a free one (default: 8002).")
  private int port = 8002;

  @Option(
      names = "--metrics-address",
      paramLabel = "HOST",
      description = "The address to serve metrics on (default: that for HTTP).")
  private @Nullable String address;

  @Option(
      names = "--allow-cpu-metrics",
      arity = "1",
      description = "Tell of this machine's processors and memory (default: true).")
  private boolean withMachine = true;

  @Option(
      names = "--allow-gpu-metrics",
      arity = "1",
      description = "Tell of its GPUs, where there are any (default: true).")
  private boolean withGpus = true;

  @Option(
      names = "--metrics-interval-ms",
      paramLabel = "N",
      description = "How old what is told of the machine may be (default: 2000).")
  private long intervalMillis = 2000;

  @Option(
      names = "--metrics-config",
      paramLabel = "KEY=VALUE",
      description =
          "summary_latencies=true, summary_quantiles=0.5:0.05,0.99:0.001, histogram_latencies=true, counter_latencies=false; repeat for several.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * @param host the one that HTTP is listened for on
   */
  Optional<MetricsConfig> config(String host) {
    if (!isAllowed) {
      return Optional.empty();
    }
    return Optional.of(
        new MetricsConfig(
            address == null ? host : address,
            port,
            withMachine,
            withGpus,
            Duration.ofMillis(intervalMillis),
            LatencySettings.parse(settings)));
  }
}
