package org.etalon.server.http;

import java.time.Duration;
import java.util.Optional;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.security.TlsFiles;

/**
 * How the HTTP front listens.
 *
 * @param host the address or name of the interface
 * @param port 0: any free one
 * @param eventLoops threads that read and write; models run on others
 * @param maxBodyBytes of a request, also after decompression; a longer one is answered 413
 * @param maxHeaderBytes of a request's headers together
 * @param idleTimeout after which a connection is closed on which nothing moves and nothing is owed
 * @param maxPipelined requests of one connection in flight; more wait in its socket
 * @param maxConnections at one time; one more is answered 503 and closed
 * @param tls empty: in the clear
 * @param forwarded headers that become parameters of their requests
 */
public record HttpConfig(
    String host,
    int port,
    int eventLoops,
    int maxBodyBytes,
    int maxHeaderBytes,
    Duration idleTimeout,
    int maxPipelined,
    int maxConnections,
    Optional<TlsFiles> tls,
    ForwardedHeaders forwarded) {
  private static final int MAX_PORT = 65_535;
  private static final int DEFAULT_MAX_BODY_BYTES = 64 << 20;
  private static final int DEFAULT_MAX_HEADER_BYTES = 32 << 10;
  private static final int DEFAULT_MAX_CONNECTIONS = 16_384;
  private static final int CORES_PER_LOOP = 4;

  public HttpConfig {
    requireAtLeast("port", port, 0);
    requireAtLeast("eventLoops", eventLoops, 1);
    requireAtLeast("maxBodyBytes", maxBodyBytes, 1);
    requireAtLeast("maxHeaderBytes", maxHeaderBytes, 1);
    requireAtLeast("maxPipelined", maxPipelined, 1);
    requireAtLeast("maxConnections", maxConnections, 1);
    if (port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: <= " + MAX_PORT + ")");
    }
    if (idleTimeout.isNegative() || idleTimeout.isZero()) {
      throw new IllegalArgumentException("idleTimeout: " + idleTimeout + " (expected: > 0)");
    }
  }

  /**
   * There with every other setting at its default: one event loop for each four processors, since
   * the models need the rest.
   */
  public static HttpConfig of(String host, int port) {
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_LOOP);
    return new HttpConfig(
        host,
        port,
        loops,
        DEFAULT_MAX_BODY_BYTES,
        DEFAULT_MAX_HEADER_BYTES,
        Duration.ofMinutes(2),
        64,
        DEFAULT_MAX_CONNECTIONS,
        Optional.empty(),
        ForwardedHeaders.none());
  }

  /** This, spoken to under TLS. */
  public HttpConfig withTls(TlsFiles files) {
    return new HttpConfig(
        host,
        port,
        eventLoops,
        maxBodyBytes,
        maxHeaderBytes,
        idleTimeout,
        maxPipelined,
        maxConnections,
        Optional.of(files),
        forwarded);
  }

  /** This with so many threads that read and write. */
  public HttpConfig withEventLoops(int threads) {
    return new HttpConfig(
        host,
        port,
        threads,
        maxBodyBytes,
        maxHeaderBytes,
        idleTimeout,
        maxPipelined,
        maxConnections,
        tls,
        forwarded);
  }

  /** This with another bound on the length of bodies. */
  public HttpConfig withMaxBodyBytes(int bytes) {
    return new HttpConfig(
        host,
        port,
        eventLoops,
        bytes,
        maxHeaderBytes,
        idleTimeout,
        maxPipelined,
        maxConnections,
        tls,
        forwarded);
  }

  /** This with another bound on its connections. */
  public HttpConfig withMaxConnections(int connections) {
    return new HttpConfig(
        host,
        port,
        eventLoops,
        maxBodyBytes,
        maxHeaderBytes,
        idleTimeout,
        maxPipelined,
        connections,
        tls,
        forwarded);
  }

  /** This with those headers made parameters of their requests. */
  public HttpConfig withForwarded(ForwardedHeaders headers) {
    return new HttpConfig(
        host,
        port,
        eventLoops,
        maxBodyBytes,
        maxHeaderBytes,
        idleTimeout,
        maxPipelined,
        maxConnections,
        tls,
        headers);
  }

  private static void requireAtLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: >= " + least + ")");
    }
  }
}
