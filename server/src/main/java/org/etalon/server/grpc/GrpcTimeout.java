package org.etalon.server.grpc;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The {@code grpc-timeout} header: up to eight digits and a unit. */
final class GrpcTimeout {
  private static final int MAX_DIGITS = 8;

  private GrpcTimeout() {}

  /**
   * The time in nanoseconds; empty where there is no header.
   *
   * @throws IllegalArgumentException if it is not as the protocol has it
   */
  static OptionalLong nanos(@Nullable CharSequence header) {
    if (header == null) {
      return OptionalLong.empty();
    }
    int digits = header.length() - 1;
    if (digits < 1 || digits > MAX_DIGITS) {
      throw malformed(header);
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      char digit = header.charAt(i);
      if (digit < '0' || digit > '9') {
        throw malformed(header);
      }
      value = 10 * value + digit - '0';
    }
    return OptionalLong.of(unit(header).toNanos(value));
  }

  private static TimeUnit unit(CharSequence header) {
    return switch (header.charAt(header.length() - 1)) {
      case 'H' -> TimeUnit.HOURS;
      case 'M' -> TimeUnit.MINUTES;
      case 'S' -> TimeUnit.SECONDS;
      case 'm' -> TimeUnit.MILLISECONDS;
      case 'u' -> TimeUnit.MICROSECONDS;
      case 'n' -> TimeUnit.NANOSECONDS;
      default -> throw malformed(header);
    };
  }

  private static IllegalArgumentException malformed(CharSequence header) {
    return new IllegalArgumentException(
        "grpc-timeout: '%s' (expected: up to 8 digits and one of H, M, S, m, u, n)"
            .formatted(header));
  }
}
