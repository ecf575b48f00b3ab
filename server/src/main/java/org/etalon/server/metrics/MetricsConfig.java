package org.etalon.server.metrics;

import java.time.Duration;

/**
 * Where metrics are served, and which.
 *
 * @param host the address or name of the interface
 * @param port 0: any free one
 * @param withMachine whether processors and memory are told of
 * @param withGpus whether GPUs are told of, where there are any
 * @param interval how old what is told of the machine and its GPUs may be
 */
public record MetricsConfig(
    String host,
    int port,
    boolean withMachine,
    boolean withGpus,
    Duration interval,
    LatencySettings latencies) {
  private static final int MAX_PORT = 65_535;
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);

  public MetricsConfig {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to " + MAX_PORT + ")");
    }
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval: " + interval + " (expected: > 0)");
    }
  }

  /** There, with every other setting at its default. */
  public MetricsConfig(String host, int port) {
    this(host, port, true, true, DEFAULT_INTERVAL, LatencySettings.DEFAULT);
  }
}
