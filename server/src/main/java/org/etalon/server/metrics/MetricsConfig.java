package org.etalon.server.metrics;

/**
 * Where metrics are served.
 *
 * @param host the address or name of the interface
 * @param port 0: any free one
 */
public record MetricsConfig(String host, int port) {
  private static final int MAX_PORT = 65_535;

  public MetricsConfig {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to " + MAX_PORT + ")");
    }
  }
}
