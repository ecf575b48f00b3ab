package org.etalon.server;

import java.time.Duration;
import java.util.Optional;
import org.etalon.server.grpc.GrpcConfig;
import org.etalon.server.http.HttpConfig;
import org.etalon.server.metrics.MetricsConfig;

/**
 * What a server is built from. A front that is absent does not listen.
 *
 * @param name that the server gives itself
 * @param allowsClientMemory whether clients may share memory of this machine
 * @param exitGrace how long requests in flight may take when the server drains
 */
public record ServerConfig(
    String name,
    Optional<GrpcConfig> grpc,
    Optional<HttpConfig> http,
    Optional<MetricsConfig> metrics,
    boolean allowsClientMemory,
    Duration exitGrace) {
  private static final String DEFAULT_NAME = "etalon";

  public ServerConfig {
    if (exitGrace.isNegative()) {
      throw new IllegalArgumentException("exitGrace: " + exitGrace + " (expected: >= 0)");
    }
  }

  /** All fronts at one address. A port of 0: any that is free. */
  public static ServerConfig at(
      String host, int grpcPort, int httpPort, int metricsPort, Duration exitGrace) {
    return new ServerConfig(
        DEFAULT_NAME,
        Optional.of(GrpcConfig.at(host, grpcPort)),
        Optional.of(HttpConfig.of(host, httpPort)),
        Optional.of(new MetricsConfig(host, metricsPort)),
        true,
        exitGrace);
  }
}
