package org.etalon.strain;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Conversions between GPS nanoseconds, GPS seconds and samples. The one place where seconds become
 * samples.
 */
public final class GpsTime {
  public static final long NS_PER_SECOND = 1_000_000_000L;

  private static final double MAX_SECONDS = 9_223_372_036.0;

  private GpsTime() {}

  /** Whole GPS seconds as nanoseconds; refuses what a {@code long} cannot hold. */
  public static long ofSeconds(long seconds) {
    return of(seconds, 0);
  }

  /** GPS seconds and nanoseconds, as frame files store an instant. */
  public static long of(long seconds, long nanos) {
    try {
      return Math.addExact(Math.multiplyExact(seconds, NS_PER_SECOND), nanos);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "seconds: " + seconds + " (expected: |seconds| < 9223372036)", e);
    }
  }

  /**
   * The instant or duration whose shortest decimal form {@code seconds} has, so that the literal
   * {@code 1126259462.4} is exactly that although the double nearest to it is not.
   */
  public static long ofSeconds(double seconds) {
    if (!Double.isFinite(seconds)) {
      throw new IllegalArgumentException("seconds: " + seconds + " (expected: finite)");
    }
    return ns(BigDecimal.valueOf(seconds).setScale(9, RoundingMode.HALF_EVEN), seconds);
  }

  /** Parses {@code 1126259462.4}: decimal seconds with at most nine decimals. */
  public static long parse(String seconds) {
    if (!seconds.matches("[+-]?\\d{1,10}(\\.\\d{1,9})?")) {
      throw new IllegalArgumentException(
          "GPS time: '%s' (expected: seconds such as 1126259462.4, at most 9 decimals)"
              .formatted(seconds));
    }
    return ns(new BigDecimal(seconds), seconds);
  }

  /** Decimal seconds without trailing zeros; {@link #parse} of it gives {@code gpsNs} back. */
  public static String format(long gpsNs) {
    BigDecimal seconds = BigDecimal.valueOf(gpsNs, 9).stripTrailingZeros();
    return seconds.signum() == 0 ? "0" : seconds.toPlainString();
  }

  /** Seconds as the nearest double: good to about 0.1 microseconds for a present-day instant. */
  public static double toSeconds(long gpsNs) {
    return BigDecimal.valueOf(gpsNs, 9).doubleValue();
  }

  /**
   * How many samples a duration holds.
   *
   * @throws IllegalArgumentException if it is not a whole number of them, to the nanosecond
   */
  public static long samples(long durationNs, double sampleRateHz) {
    long samples = nearestSamples(durationNs, sampleRateHz);
    if (durationNs(samples, sampleRateHz) != durationNs) {
      throw new IllegalArgumentException(
          "durationNs: %d (expected: a whole number of samples at %s Hz; %d of them last %d ns)"
              .formatted(durationNs, sampleRateHz, samples, durationNs(samples, sampleRateHz)));
    }
    return samples;
  }

  /** Like {@link #samples(long, double)}, from seconds. */
  public static long samples(double seconds, double sampleRateHz) {
    return samples(ofSeconds(seconds), sampleRateHz);
  }

  /** How long {@code samples} last, to the nearest nanosecond. */
  public static long durationNs(long samples, double sampleRateHz) {
    requireRate(sampleRateHz);
    double wholeSeconds = Math.floor(samples / sampleRateHz);
    if (!(Math.abs(wholeSeconds) < MAX_SECONDS)) {
      throw new IllegalArgumentException(
          "samples: %d (expected: less than 292 years at %s Hz)".formatted(samples, sampleRateHz));
    }
    // The remainder is below one second, where a double resolves well under a nanosecond.
    double remainder = Math.fma(-wholeSeconds, sampleRateHz, (double) samples);
    long whole = (long) wholeSeconds;
    return whole * NS_PER_SECOND + Math.round(remainder / sampleRateHz * NS_PER_SECOND);
  }

  /**
   * The rate of samples {@code spacingSeconds} apart. Rates are whole numbers of hertz as a rule,
   * and files store the spacing, whose inverse misses them by a rounding: within 1e-9 of one, it is
   * meant.
   */
  public static double sampleRateHz(double spacingSeconds) {
    double rateHz = 1 / spacingSeconds;
    requireRate(rateHz);
    double whole = Math.rint(rateHz);
    return Math.abs(rateHz - whole) < 1e-9 * whole ? whole : rateHz;
  }

  private static long nearestSamples(long durationNs, double sampleRateHz) {
    requireRate(sampleRateHz);
    double whole = Math.floorDiv(durationNs, NS_PER_SECOND) * sampleRateHz;
    double part = Math.floorMod(durationNs, NS_PER_SECOND) * (sampleRateHz / NS_PER_SECOND);
    return Math.round(whole + part);
  }

  private static void requireRate(double sampleRateHz) {
    if (!(sampleRateHz > 0 && sampleRateHz < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "sampleRateHz: " + sampleRateHz + " (expected: > 0 and finite)");
    }
  }

  private static long ns(BigDecimal seconds, Object given) {
    try {
      return seconds.movePointRight(9).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "seconds: " + given + " (expected: |seconds| < 9223372036)", e);
    }
  }
}
