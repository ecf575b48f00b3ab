package org.etalon.strain.opendata;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where public strain comes from and where it is kept.
 *
 * @param baseUrl the server's root, http or https, without the {@code /eventapi} of its API
 * @param cacheFolder folder of the downloaded files; made when the first is kept
 * @param connectTimeout longest wait for a connection
 * @param requestTimeout longest wait for an answer to begin, and for each next piece of it
 * @param retries how often a request is sent again after a passing fault, 0 to 20
 */
public record OpenDataConfig(
    URI baseUrl, Path cacheFolder, Duration connectTimeout, Duration requestTimeout, int retries) {
  /** GWOSC's own server. */
  public static final URI GWOSC = URI.create("https://gwosc.org");

  private static final int MAX_RETRIES = 20;

  /** Checks all settings, and names every one that is wrong. */
  public OpenDataConfig {
    List<String> faults = new ArrayList<>();
    if (!isWebAddress(baseUrl)) {
      faults.add("baseUrl: " + baseUrl + " (expected: http://HOST or https://HOST)");
    }
    if (!isPositive(connectTimeout)) {
      faults.add("connectTimeout: " + connectTimeout + " (expected: > 0)");
    }
    if (!isPositive(requestTimeout)) {
      faults.add("requestTimeout: " + requestTimeout + " (expected: > 0)");
    }
    if (retries < 0 || retries > MAX_RETRIES) {
      faults.add("retries: " + retries + " (expected: 0 to " + MAX_RETRIES + ")");
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /**
   * GWOSC's server with patience for a slow line: 10 s to connect, 60 s for an answer, 3 retries.
   */
  public static OpenDataConfig gwosc(Path cacheFolder) {
    return new OpenDataConfig(
        GWOSC, cacheFolder, Duration.ofSeconds(10), Duration.ofSeconds(60), 3);
  }

  /** The same settings for another server, such as a mirror. */
  public OpenDataConfig withBaseUrl(URI otherBaseUrl) {
    return new OpenDataConfig(otherBaseUrl, cacheFolder, connectTimeout, requestTimeout, retries);
  }

  static boolean isWebAddress(URI uri) {
    String scheme = uri.getScheme();
    boolean isWeb = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    return isWeb && uri.getHost() != null;
  }

  private static boolean isPositive(Duration duration) {
    return duration.isPositive();
  }
}
