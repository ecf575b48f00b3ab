package org.etalon.server.security;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the TLS side of connections. Thread-safe, guarded by itself.
 *
 * <p>Certificates are renewed while a server runs: when its files have changed, new connections get
 * the new ones. Files that cannot be used leave the old ones in use, with a warning.
 */
public final class TlsContext {
  private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(10);

  private final TlsFiles files;
  private final String protocol;
  private final InstantSource clock;
  private SslContext context;
  private String state;
  private Instant looked;

  private TlsContext(TlsFiles files, String protocol, InstantSource clock) throws IOException {
    this.files = files;
    this.protocol = protocol;
    this.clock = clock;
    this.state = state(files);
    this.context = read(files, protocol);
    this.looked = clock.instant();
  }

  /**
   * Reads the files.
   *
   * @param protocol what is spoken under TLS, by its ALPN name: {@code h2}, {@code http/1.1}
   * @throws IOException if one of them cannot be used; the message names them
   */
  public static TlsContext open(TlsFiles files, String protocol, InstantSource clock)
      throws IOException {
    return new TlsContext(files, protocol, clock);
  }

  /** The first handler of a new connection. */
  public SslHandler newHandler(ByteBufAllocator allocator) {
    return current().newHandler(allocator);
  }

  /** What new connections use now. */
  synchronized SslContext current() {
    Instant now = clock.instant();
    if (Duration.between(looked, now).compareTo(LOOK_INTERVAL) >= 0) {
      looked = now;
      renew();
    }
    return context;
  }

  private void renew() {
    try {
      String found = state(files);
      if (!found.equals(state)) {
        state = found;
        context = read(files, protocol);
        LOG.info("new TLS certificate from {}", files.certificates());
      }
    } catch (IOException e) {
      LOG.warn("the TLS certificate stays as it was: {}", e.getMessage());
    }
  }

  private static String state(TlsFiles files) throws IOException {
    StringBuilder state = new StringBuilder();
    state.append(stateOf(files.certificates())).append(stateOf(files.key()));
    if (files.clientRoots().isPresent()) {
      state.append(stateOf(files.clientRoots().get()));
    }
    return state.toString();
  }

  private static String stateOf(Path file) throws IOException {
    return "%s %d;".formatted(Files.getLastModifiedTime(file), Files.size(file));
  }

  private static SslContext read(TlsFiles files, String protocol) throws IOException {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(files.certificates().toFile(), files.key().toFile())
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      Protocol.ALPN,
                      SelectorFailureBehavior.NO_ADVERTISE,
                      SelectedListenerFailureBehavior.ACCEPT,
                      protocol))
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
      if (files.clientRoots().isPresent()) {
        builder.trustManager(files.clientRoots().get().toFile()).clientAuth(ClientAuth.REQUIRE);
      }
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException(
          "TLS cannot use %s with %s: %s (expected: a PEM certificate chain and its PKCS#8 key)"
              .formatted(files.certificates(), files.key(), cause(e)),
          e);
    }
  }

  private static String cause(Throwable fault) {
    Throwable cause = fault;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
