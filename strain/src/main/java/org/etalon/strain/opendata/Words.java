package org.etalon.strain.opendata;

import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;

/** How addresses and times are written in messages and headers. */
final class Words {
  private static final int MAX_RETRY_AFTER_DIGITS = 6;

  private Words() {}

  static String seconds(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }

  static String hostAndPort(URI url) {
    return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
  }

  /** The first message of the error and its causes; the client often has none in the outermost. */
  static String why(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null) {
        return cause.getMessage();
      }
    }
    // A refused connection is what the client has no words for at all.
    return error instanceof ConnectException ? "refused" : error.getClass().getSimpleName();
  }

  /**
   * The wait that a {@code Retry-After} header asks for in seconds (RFC 9110, 10.2.3); zero for a
   * date or none.
   */
  static Duration retryAfter(String header) {
    String text = header.strip();
    boolean isSeconds =
        !text.isEmpty()
            && text.length() <= MAX_RETRY_AFTER_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return isSeconds ? Duration.ofSeconds(Long.parseLong(text)) : Duration.ZERO;
  }
}
