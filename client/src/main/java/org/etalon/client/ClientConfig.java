package org.etalon.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a server and how to treat it.
 *
 * @param url {@code grpc://HOST:PORT}; no TLS
 * @param maxInFlight most requests of one model under way at the server; the client finds out by
 *     itself how many of them bring anything, see {@link EtalonClient}
 * @param maxInFlightBytes most bytes of one model's requests under way; a single larger request
 *     goes alone
 * @param maxWaiting most requests of one model that wait for their turn in the client; above, one
 *     is refused with RESOURCE_EXHAUSTED
 * @param requestDeadline how long a request may take in all: its waiting and every attempt
 * @param retryWindow how long after its first failure a request is sent again while the server is
 *     UNAVAILABLE; zero: never
 * @param connectWindow how long {@link EtalonClient#metadata} waits for a connection and an answer
 * @param closeGrace how long {@link EtalonClient#close} lets requests finish
 * @param connections connections to the server, used in turn
 * @param eventLoops threads that serve the connections
 * @param maxMessageBytes largest answer taken
 */
public record ClientConfig(
    String url,
    int maxInFlight,
    long maxInFlightBytes,
    int maxWaiting,
    Duration requestDeadline,
    Duration retryWindow,
    Duration connectWindow,
    Duration closeGrace,
    int connections,
    int eventLoops,
    int maxMessageBytes) {
  private static final int MAX_PORT = 65_535;

  /**
   * @throws IllegalArgumentException naming every setting that is wrong, with its rule
   */
  public ClientConfig {
    List<String> faults = new ArrayList<>();
    if (address(url) == null) {
      faults.add("url: '%s' (expected: grpc://HOST:PORT)".formatted(url));
    }
    atLeastOne("maxInFlight", maxInFlight, faults);
    atLeastOne("maxInFlightBytes", maxInFlightBytes, faults);
    atLeastOne("maxWaiting", maxWaiting, faults);
    atLeastOne("connections", connections, faults);
    atLeastOne("eventLoops", eventLoops, faults);
    atLeastOne("maxMessageBytes", maxMessageBytes, faults);
    positive("requestDeadline", requestDeadline, faults);
    positive("connectWindow", connectWindow, faults);
    notNegative("retryWindow", retryWindow, faults);
    notNegative("closeGrace", closeGrace, faults);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /** The usual settings for a server. */
  public static ClientConfig of(String url) {
    return to(url).build();
  }

  public static Builder to(String url) {
    return new Builder(url);
  }

  /** The server's name or address; one of IPv6 stands in brackets. */
  String host() {
    return checkedAddress().getHost();
  }

  int port() {
    return checkedAddress().getPort();
  }

  private URI checkedAddress() {
    URI address = address(url);
    if (address == null) {
      throw new IllegalStateException("checked when built: " + url);
    }
    return address;
  }

  private static @Nullable URI address(String url) {
    try {
      URI uri = new URI(url);
      boolean isServer =
          "grpc".equals(uri.getScheme())
              && uri.getHost() != null
              && uri.getPort() > 0
              && uri.getPort() <= MAX_PORT
              && uri.getUserInfo() == null
              && (uri.getPath().isEmpty() || uri.getPath().equals("/"))
              && uri.getQuery() == null
              && uri.getFragment() == null;
      return isServer ? uri : null;
    } catch (URISyntaxException _) {
      return null; // the caller names the setting
    }
  }

  private static void atLeastOne(String key, long value, List<String> faults) {
    if (value < 1) {
      faults.add("%s: %d (expected: at least 1)".formatted(key, value));
    }
  }

  private static void positive(String key, Duration value, List<String> faults) {
    if (!value.isPositive()) {
      faults.add("%s: %s (expected: more than 0)".formatted(key, value));
    }
  }

  private static void notNegative(String key, Duration value, List<String> faults) {
    if (value.isNegative()) {
      faults.add("%s: %s (expected: not negative)".formatted(key, value));
    }
  }

  /** Collects settings that differ from the usual ones. Owned by one thread. */
  public static final class Builder {
    private final String url;
    private int maxInFlight = 1024;
    private long maxInFlightBytes = 256L << 20;
    private int maxWaiting = 65_536;
    private Duration requestDeadline = Duration.ofMinutes(5);
    private Duration retryWindow = Duration.ofSeconds(60);
    private Duration connectWindow = Duration.ofSeconds(10);
    private Duration closeGrace = Duration.ofSeconds(10);
    private int connections = 1;
    private int eventLoops = 1;
    private int maxMessageBytes = Integer.MAX_VALUE;

    private Builder(String url) {
      this.url = url;
    }

    public Builder maxInFlight(int value) {
      maxInFlight = value;
      return this;
    }

    public Builder maxInFlightBytes(long value) {
      maxInFlightBytes = value;
      return this;
    }

    public Builder maxWaiting(int value) {
      maxWaiting = value;
      return this;
    }

    public Builder requestDeadline(Duration value) {
      requestDeadline = value;
      return this;
    }

    public Builder retryWindow(Duration value) {
      retryWindow = value;
      return this;
    }

    public Builder connectWindow(Duration value) {
      connectWindow = value;
      return this;
    }

    public Builder closeGrace(Duration value) {
      closeGrace = value;
      return this;
    }

    public Builder connections(int value) {
      connections = value;
      return this;
    }

    public Builder eventLoops(int value) {
      eventLoops = value;
      return this;
    }

    public Builder maxMessageBytes(int value) {
      maxMessageBytes = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming every setting that is wrong
     */
    public ClientConfig build() {
      return new ClientConfig(
          url,
          maxInFlight,
          maxInFlightBytes,
          maxWaiting,
          requestDeadline,
          retryWindow,
          connectWindow,
          closeGrace,
          connections,
          eventLoops,
          maxMessageBytes);
    }
  }
}
