package org.etalon.cli;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.etalon.server.grpc.GrpcConfig;
import org.etalon.server.http.HttpConfig;
import org.etalon.server.observation.ForwardedHeaders;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code etalon serve} that say where it listens, and how much it takes in. */
final class ListenOptions {
  @Option(names = "--host", description = "The address to listen on (default: 127.0.0.1).")
  private String host = "127.0.0.1";

  @Option(names = "--allow-http", arity = "1", description = "Listen for HTTP (default: true).")
  private boolean allowHttp = true;

  @Option(
      names = "--http-address",
      paramLabel = "HOST",
      description = "The address to listen on for HTTP (default: that of --host).")
  private @Nullable String httpAddress;

  @Option(names = "--http-port", description = "0: a free one (default: 8000).")
  private int httpPort = 8000;

  @Option(
      names = "--http-thread-count",
      paramLabel = "N",
      description = "Threads that read and write HTTP (default: one for four cores).")
  private @Nullable Integer httpThreads;

  @Option(
      names = "--http-max-input-size",
      paramLabel = "BYTES",
      description = "The longest body taken over HTTP (default: 67108864).")
  private @Nullable Integer httpMaxBodyBytes;

  @Option(
      names = "--http-header-forward-pattern",
      paramLabel = "REGEX",
      description =
          "Headers of HTTP requests whose names match become parameters of the request (default: none).")
  private String httpForwarded = "";

  @Option(names = "--allow-grpc", arity = "1", description = "Listen for gRPC (default: true).")
  private boolean allowGrpc = true;

  @Option(
      names = "--grpc-address",
      paramLabel = "HOST",
      description = "The address to listen on for gRPC (default: that of --host).")
  private @Nullable String grpcAddress;

  @Option(names = "--grpc-port", description = "0: a free one (default: 8001).")
  private int grpcPort = 8001;

  @Option(
      names = "--grpc-infer-thread-count",
      paramLabel = "N",
      description = "Threads that read and write gRPC (default: one for four cores).")
  private @Nullable Integer grpcThreads;

  @Option(
      names = "--grpc-header-forward-pattern",
      paramLabel = "REGEX",
      description =
          "Headers of gRPC calls whose names match become parameters of their requests (default: none).")
  private String grpcForwarded = "";

  /** Where requests are taken. */
  Set<String> hosts() {
    Set<String> hosts = new LinkedHashSet<>();
    if (allowHttp) {
      hosts.add(httpHost());
    }
    if (allowGrpc) {
      hosts.add(grpcHost());
    }
    return hosts;
  }

  /** Where metrics are served too, unless they have an address of their own. */
  String httpHost() {
    return httpAddress == null ? host : httpAddress;
  }

  private String grpcHost() {
    return grpcAddress == null ? host : grpcAddress;
  }

  /**
   * How HTTP is listened for; empty: not at all.
   *
   * @param others what other options say of it
   */
  Optional<HttpConfig> http(UnaryOperator<HttpConfig> others) {
    if (!allowHttp) {
      return Optional.empty();
    }
    HttpConfig config =
        others
            .apply(HttpConfig.of(httpHost(), httpPort))
            .withForwarded(ForwardedHeaders.matching(httpForwarded));
    config = httpThreads == null ? config : config.withEventLoops(httpThreads);
    return Optional.of(
        httpMaxBodyBytes == null ? config : config.withMaxBodyBytes(httpMaxBodyBytes));
  }

  /**
   * How gRPC is listened for; empty: not at all.
   *
   * @param others what other options say of it
   */
  Optional<GrpcConfig> grpc(UnaryOperator<GrpcConfig> others) {
    if (!allowGrpc) {
      return Optional.empty();
    }
    GrpcConfig config =
        others
            .apply(GrpcConfig.at(grpcHost(), grpcPort))
            .withForwarded(ForwardedHeaders.matching(grpcForwarded));
    return Optional.of(grpcThreads == null ? config : config.withEventLoops(grpcThreads));
  }
}
