package org.etalon.server.grpc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.security.TlsFiles;

/**
 * How the gRPC front listens.
 *
 * @param host the address or name of the interface to listen on
 * @param port 0: any that is free
 * @param eventLoops threads that read and write connections; they never run models
 * @param limits on what one client may take
 * @param compression of answers to clients that take compressed ones
 * @param tls empty: in the clear
 * @param forwarded headers that become parameters of their requests
 */
public record GrpcConfig(
    String host,
    int port,
    int eventLoops,
    GrpcLimits limits,
    KeepAlive keepAlive,
    ResponseCompression compression,
    Optional<TlsFiles> tls,
    ForwardedHeaders forwarded) {
  private static final int MAX_PORT = 65535;

  public GrpcConfig {
    List<String> faults = new ArrayList<>(0);
    if (port < 0 || port > MAX_PORT) {
      faults.add("gRPC port: " + port + " (expected: 0 to 65535)");
    }
    if (eventLoops <= 0) {
      faults.add("gRPC eventLoops: " + eventLoops + " (expected: > 0)");
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /** Every other setting at its default: one event loop for four cores. */
  public static GrpcConfig at(String host, int port) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new GrpcConfig(
        host,
        port,
        Math.max(1, cores / 4),
        GrpcLimits.defaults(),
        KeepAlive.defaults(),
        ResponseCompression.NONE,
        Optional.empty(),
        ForwardedHeaders.none());
  }

  /** This with other limits. */
  public GrpcConfig withLimits(GrpcLimits other) {
    return new GrpcConfig(host, port, eventLoops, other, keepAlive, compression, tls, forwarded);
  }

  /** This with other times. */
  public GrpcConfig withKeepAlive(KeepAlive other) {
    return new GrpcConfig(host, port, eventLoops, limits, other, compression, tls, forwarded);
  }

  /** This with so many threads that read and write. */
  public GrpcConfig withEventLoops(int threads) {
    return new GrpcConfig(host, port, threads, limits, keepAlive, compression, tls, forwarded);
  }

  /** This with smaller answers. */
  public GrpcConfig withCompression(ResponseCompression other) {
    return new GrpcConfig(host, port, eventLoops, limits, keepAlive, other, tls, forwarded);
  }

  /** This, spoken to under TLS. */
  public GrpcConfig withTls(TlsFiles files) {
    return new GrpcConfig(
        host, port, eventLoops, limits, keepAlive, compression, Optional.of(files), forwarded);
  }

  /** This with those headers as parameters of their requests. */
  public GrpcConfig withForwarded(ForwardedHeaders headers) {
    return new GrpcConfig(host, port, eventLoops, limits, keepAlive, compression, tls, headers);
  }
}
