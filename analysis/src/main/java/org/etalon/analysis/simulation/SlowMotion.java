package org.etalon.analysis.simulation;

/**
 * Noise of up to a few hertz and unit variance, made at a low rate and interpolated by cubics.
 *
 * <p>Owned by one thread.
 */
final class SlowMotion {
  private static final int RATE_HZ = 64;
  private static final int BLOCK_SECONDS = 512;

  private final ColouredNoise noise;
  private final int sampleRateHz;

  /**
   * @param lowHz, highHz where the spectrum falls off, by 4 and 6 powers of the frequency
   */
  SlowMotion(long seed, String part, int sampleRateHz, double lowHz, double highHz) {
    this.sampleRateHz = sampleRateHz;
    double power = 0;
    for (int k = 1; k <= RATE_HZ / 2 * BLOCK_SECONDS; k++) {
      power += band((double) k / BLOCK_SECONDS, lowHz, highHz) / BLOCK_SECONDS;
    }
    double scale = 1 / power;
    noise =
        new ColouredNoise(seed, part, RATE_HZ, BLOCK_SECONDS, f -> scale * band(f, lowHz, highHz));
  }

  /** A power spectral density that passes the frequencies between two. */
  static double band(double frequencyHz, double lowHz, double highHz) {
    double f = Math.max(frequencyHz, 1e-3);
    return 1 / ((1 + Math.pow(lowHz / f, 4)) * (1 + Math.pow(f / highHz, 6)));
  }

  /** {@code count} samples from {@code first} on, counted from GPS zero. */
  double[] samples(long first, int count) {
    double step = (double) RATE_HZ / sampleRateHz;
    long slowFirst = Math.floorDiv(first * RATE_HZ, sampleRateHz) - 1;
    double[] slow = new double[(int) Math.ceil(count * step) + 5];
    noise.addTo(slow, slowFirst);
    double[] samples = new double[count];
    for (int i = 0; i < count; i++) {
      long at = Math.floorDiv((first + i) * RATE_HZ, sampleRateHz);
      double x = (double) Math.floorMod((first + i) * RATE_HZ, (long) sampleRateHz) / sampleRateHz;
      int j = (int) (at - slowFirst);
      samples[i] = cubic(slow[j - 1], slow[j], slow[j + 1], slow[j + 2], x);
    }
    return samples;
  }

  /** Lagrange's cubic through four values, between the middle two. */
  private static double cubic(double a, double b, double c, double d, double x) {
    return a * -x * (x - 1) * (x - 2) / 6
        + b * (x + 1) * (x - 1) * (x - 2) / 2
        - c * (x + 1) * x * (x - 2) / 2
        + d * (x + 1) * x * (x - 1) / 6;
  }
}
