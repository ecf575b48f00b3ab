package org.etalon.strain.signal;

/**
 * How two series resemble each other when one is shifted: the arrival-time difference between
 * detectors.
 */
public final class CrossCorrelation {
  /**
   * The shift with the largest correlation.
   *
   * @param samples by which what the first series shows comes later in the second; negative if
   *     earlier
   * @param coefficient from -1 to 1, negative if the second is upside down
   */
  public record Lag(int samples, double coefficient) {}

  private CrossCorrelation() {}

  /**
   * The shift, within a range, at which the correlation {@code sum_i first[i] second[i + lag]} over
   * the product of the norms has the largest magnitude. Equals the extremum of {@code
   * scipy.signal.correlate(second, first)}.
   *
   * @param first whitened, of the same size as {@code second}
   * @param maxSamples largest shift looked at, either way; below the size
   * @throws IllegalArgumentException if the sizes differ or a series is zero throughout
   */
  public static Lag largest(double[] first, double[] second, int maxSamples) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "second: %d samples (expected: %d, as first has)".formatted(second.length, first.length));
    }
    if (maxSamples < 0 || maxSamples >= first.length) {
      throw new IllegalArgumentException(
          "maxSamples: " + maxSamples + " (expected: from 0 to below " + first.length + ")");
    }
    double norm = norm(first) * norm(second);
    if (!(norm > 0)) {
      throw new IllegalArgumentException("expected: two series that are not zero throughout");
    }
    double[] circular = circular(first, second, maxSamples);
    var lag = new Lag(0, 0);
    for (int samples = -maxSamples; samples <= maxSamples; samples++) {
      double coefficient = circular[Math.floorMod(samples, circular.length)] / norm;
      if (Math.abs(coefficient) > Math.abs(lag.coefficient())) {
        lag = new Lag(samples, coefficient);
      }
    }
    return lag;
  }

  /** By the correlation theorem; padded so that the shifts asked for do not wrap around. */
  private static double[] circular(double[] first, double[] second, int maxSamples) {
    Fft fft = Fft.ofSize(Convolution.powerOfTwoFrom(first.length + maxSamples));
    double[] a = padded(first, fft);
    double[] b = padded(second, fft);
    for (int i = 0; i < a.length; i += 2) {
      double re = a[i] * b[i] + a[i + 1] * b[i + 1];
      b[i + 1] = a[i] * b[i + 1] - a[i + 1] * b[i];
      b[i] = re;
    }
    return fft.inverse(b);
  }

  private static double[] padded(double[] series, Fft fft) {
    double[] buffer = new double[2 * fft.bins()];
    System.arraycopy(series, 0, buffer, 0, series.length);
    fft.forwardInPlace(buffer);
    return buffer;
  }

  private static double norm(double[] series) {
    Series.requireFinite(series);
    double sum = 0;
    for (double x : series) {
      sum += x * x;
    }
    return Math.sqrt(sum);
  }
}
