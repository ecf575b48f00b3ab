package org.etalon.cli;

import java.time.Duration;
import java.util.Optional;
import org.etalon.server.grpc.GrpcConfig;
import org.etalon.server.grpc.GrpcLimits;
import org.etalon.server.grpc.KeepAlive;
import org.etalon.server.grpc.ResponseCompression;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of {@code etalon serve} about connections over gRPC: named, and in the units, as
 * tritonserver's where it has them.
 */
final class GrpcOptions {
  @Option(
      names = "--grpc-max-message-bytes",
      paramLabel = "N",
      description = "The largest request taken over gRPC (default: 2147483647).")
  private @Nullable Integer maxMessageBytes;

  @Option(
      names = "--grpc-max-calls",
      paramLabel = "N",
      description = "Calls of one connection at a time (default: 4096).")
  private @Nullable Integer maxCalls;

  @Option(
      names = "--grpc-keepalive-time",
      paramLabel = "MS",
      description = "Ping a connection that was silent for so long (default: 7200000).")
  private @Nullable Long keepAliveMillis;

  @Option(
      names = "--grpc-keepalive-timeout",
      paramLabel = "MS",
      description = "Close one that does not answer for so long (default: 20000).")
  private @Nullable Long keepAliveTimeoutMillis;

  @Option(
      names = "--grpc-keepalive-permit-without-calls",
      arity = "1",
      description = "Clients may ping while they have no call (default: true).")
  private @Nullable Boolean permitsWithoutCalls;

  @Option(
      names = "--grpc-http2-min-recv-ping-interval-without-data",
      paramLabel = "MS",
      description = "How often clients may ping at most (default: 10000).")
  private @Nullable Long minClientPingMillis;

  @Option(
      names = "--grpc-max-connection-age",
      paramLabel = "MS",
      description = "A connection takes no new calls after so long (default: never).")
  private @Nullable Long maxAgeMillis;

  @Option(
      names = "--grpc-max-connection-age-grace",
      paramLabel = "MS",
      description = "How long its calls may then still take (default: a day).")
  private @Nullable Long maxAgeGraceMillis;

  @Option(
      names = "--grpc-max-connections",
      paramLabel = "N",
      description = "Connections at one time; one more is closed (default: 16384).")
  private @Nullable Integer maxConnections;

  @Option(
      names = "--grpc-infer-response-compression-level",
      paramLabel = "LEVEL",
      description = "none, low, medium or high, for clients that take compressed answers.")
  private ResponseCompression compression = ResponseCompression.NONE;

  /** The configuration with what these options say. */
  GrpcConfig settled(GrpcConfig config) {
    KeepAlive times = config.keepAlive();
    GrpcLimits limits = config.limits();
    if (maxMessageBytes != null) {
      limits = limits.withMaxMessageBytes(maxMessageBytes);
    }
    if (maxCalls != null) {
      limits = limits.withMaxCallsPerConnection(maxCalls);
    }
    if (maxConnections != null) {
      limits = limits.withMaxConnections(maxConnections);
    }
    return config
        .withLimits(limits)
        .withCompression(compression)
        .withKeepAlive(
            new KeepAlive(
                millis(keepAliveMillis, times.pingInterval()),
                millis(keepAliveTimeoutMillis, times.pingTimeout()),
                millis(minClientPingMillis, times.minClientInterval()),
                permitsWithoutCalls == null ? times.permitsWithoutCalls() : permitsWithoutCalls,
                Optional.ofNullable(maxAgeMillis).map(Duration::ofMillis),
                millis(maxAgeGraceMillis, times.maxAgeGrace())));
  }

  private static Duration millis(@Nullable Long given, Duration other) {
    return given == null ? other : Duration.ofMillis(given);
  }
}
