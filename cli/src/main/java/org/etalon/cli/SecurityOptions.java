package org.etalon.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.etalon.server.grpc.GrpcConfig;
import org.etalon.server.http.HttpConfig;
import org.etalon.server.security.AccessConfig;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.TlsFiles;
import org.etalon.server.security.TokenAccess;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The options of {@code etalon serve} that say who may reach the server, and how. */
final class SecurityOptions {
  private static final Logger LOG = LoggerFactory.getLogger(SecurityOptions.class);

  @Option(
      names = "--access-config",
      paramLabel = "FILE",
      description =
          "Whose bearer tokens are taken and what they allow, in JSON (docs/security.md).")
  private @Nullable Path accessConfig;

  @Option(
      names = "--http-server-cert",
      paramLabel = "FILE",
      description = "The certificate chain for HTTP, in PEM: HTTP is then spoken under TLS.")
  private @Nullable Path httpCertificate;

  @Option(
      names = "--http-server-key",
      paramLabel = "FILE",
      description = "Its private key, PKCS#8 in PEM.")
  private @Nullable Path httpKey;

  @Option(
      names = "--http-root-cert",
      paramLabel = "FILE",
      description = "Whose certificates HTTP clients must show, in PEM (mutual TLS).")
  private @Nullable Path httpRoots;

  @Option(
      names = "--http-max-connections",
      paramLabel = "N",
      description = "Connections to HTTP at one time; one more is answered 503.")
  private @Nullable Integer httpMaxConnections;

  @Option(
      names = "--grpc-use-ssl",
      arity = "0..1",
      fallbackValue = "true",
      description = "Speak TLS over gRPC (default: where --grpc-server-cert is given).")
  private @Nullable Boolean grpcTls;

  @Option(
      names = "--grpc-use-ssl-mutual",
      arity = "0..1",
      fallbackValue = "true",
      description = "Ask gRPC clients for certificates (default: where --grpc-root-cert is given).")
  private @Nullable Boolean grpcMutualTls;

  @Option(
      names = "--grpc-server-cert",
      paramLabel = "FILE",
      description = "The certificate chain for gRPC, in PEM.")
  private @Nullable Path grpcCertificate;

  @Option(
      names = "--grpc-server-key",
      paramLabel = "FILE",
      description = "Its private key, PKCS#8 in PEM.")
  private @Nullable Path grpcKey;

  @Option(
      names = "--grpc-root-cert",
      paramLabel = "FILE",
      description = "Whose certificates gRPC clients must show, in PEM (mutual TLS).")
  private @Nullable Path grpcRoots;

  @Option(
      names = "--allow-client-shm",
      arity = "0..1",
      fallbackValue = "true",
      description =
          "Let clients register shared memory of this machine (default: where the server listens on"
              + " loopback alone).")
  private @Nullable Boolean allowsClientMemory;

  /** Only who shares the machine can share its memory. */
  boolean allowsClientMemory(Set<String> hosts) {
    return allowsClientMemory == null
        ? hosts.stream().allMatch(SecurityOptions::isLoopback)
        : allowsClientMemory;
  }

  /**
   * @throws IOException every fault of the access configuration
   */
  AccessControl access() throws IOException {
    return accessConfig == null
        ? AccessControl.open()
        : new TokenAccess(AccessConfig.read(accessConfig), InstantSource.system());
  }

  HttpConfig secured(HttpConfig config) {
    HttpConfig secured = config;
    if (httpMaxConnections != null) {
      secured = secured.withMaxConnections(httpMaxConnections);
    }
    Optional<TlsFiles> tls = tls("--http-server", httpCertificate, httpKey, httpRoots);
    return tls.isPresent() ? secured.withTls(tls.get()) : secured;
  }

  GrpcConfig secured(GrpcConfig config) {
    Optional<TlsFiles> tls = tls("--grpc-server", grpcCertificate, grpcKey, grpcRoots);
    if (isTrue(grpcTls) && tls.isEmpty()) {
      throw new IllegalArgumentException(
          "--grpc-use-ssl needs --grpc-server-cert and --grpc-server-key");
    }
    if (isTrue(grpcMutualTls) && (tls.isEmpty() || tls.get().clientRoots().isEmpty())) {
      throw new IllegalArgumentException(
          "--grpc-use-ssl-mutual needs --grpc-server-cert, --grpc-server-key and --grpc-root-cert");
    }
    boolean isInTheClear = grpcTls != null && !grpcTls && !isTrue(grpcMutualTls);
    return tls.isEmpty() || isInTheClear ? config : config.withTls(asked(tls.get()));
  }

  /** Roots are for clients' certificates, unless the flag says that none are asked for. */
  private TlsFiles asked(TlsFiles files) {
    return grpcMutualTls != null && !grpcMutualTls
        ? new TlsFiles(files.certificates(), files.key(), Optional.empty())
        : files;
  }

  private static boolean isTrue(@Nullable Boolean flag) {
    return flag != null && flag;
  }

  private static Optional<TlsFiles> tls(
      String option, @Nullable Path certificate, @Nullable Path key, @Nullable Path roots) {
    if (certificate == null && key == null && roots == null) {
      return Optional.empty();
    }
    if (certificate == null || key == null) {
      throw new IllegalArgumentException(
          "%s-cert and %s-key are given together or not at all".formatted(option, option));
    }
    return Optional.of(new TlsFiles(certificate, key, Optional.ofNullable(roots)));
  }

  /** A server that others can reach, and that asks nobody who they are, is said to be one. */
  void warnIfExposed(Set<String> hosts) {
    for (String host : hosts) {
      if (accessConfig == null && !isLoopback(host)) {
        LOG.warn(
            "listening on {}: whoever reaches it may use and control every model"
                + " (--access-config asks for tokens)",
            host);
      }
    }
  }

  @SuppressWarnings("AddressSelection") // only whether it is this machine's own
  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
