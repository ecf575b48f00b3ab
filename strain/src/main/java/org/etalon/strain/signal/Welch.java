package org.etalon.strain.signal;

/**
 * Estimates the power spectral density from overlapping windowed segments, each without its mean;
 * samples after the last whole segment are not used. Equals {@code scipy.signal.welch(...,
 * detrend="constant")} and, with a Hann window, gwpy's {@code TimeSeries.psd} (methods {@code
 * welch} and {@code median}).
 *
 * <p>The mean is P. D. Welch's (1967); the median resists loud transients and is divided by its
 * bias for Gaussian noise, Allen et al., <a
 * href="https://arxiv.org/abs/gr-qc/0509116">FINDCHIRP</a>, appendix B.
 */
public final class Welch {
  /** How segments are combined, bin by bin. */
  public enum Average {
    /** The mean. */
    MEAN,
    /** The median, without its bias. */
    MEDIAN
  }

  private final double sampleRateHz;
  private final int step;
  private final Average average;
  private final double[] window;
  private final double density;
  private final Fft fft;

  private Welch(double sampleRateHz, int step, Average average, double[] window) {
    Series.requireRate(sampleRateHz);
    this.sampleRateHz = sampleRateHz;
    this.step = step;
    this.average = average;
    this.window = window;
    double power = 0;
    for (double w : window) {
      power += w * w;
    }
    this.density = 1 / (sampleRateHz * power);
    this.fft = Fft.ofSize(window.length);
  }

  /**
   * An estimate with Hann windows that overlap by half, the usual choice.
   *
   * @param segmentSeconds length of a segment; the inverse is the resolution
   * @throws IllegalArgumentException if half of {@code segmentSeconds} is not a whole number of
   *     samples
   */
  public static Welch of(double sampleRateHz, double segmentSeconds, Average average) {
    Series.requireRate(sampleRateHz);
    int half = Series.wholeSamples("half of segmentSeconds", segmentSeconds / 2, sampleRateHz);
    double[] window = Window.hann(2 * half, Window.Sampling.PERIODIC);
    return new Welch(sampleRateHz, half, average, window);
  }

  /**
   * An estimate with any window and overlap.
   *
   * @param window as long as a segment, at least two samples
   * @param overlap samples that neighbouring segments share, less than a segment
   */
  public static Welch of(double sampleRateHz, double[] window, int overlap, Average average) {
    Series.requireRate(sampleRateHz);
    Series.requireFinite(window);
    if (window.length < 2) {
      throw new IllegalArgumentException("window: " + window.length + " samples (expected: >= 2)");
    }
    if (overlap < 0 || overlap >= window.length) {
      throw new IllegalArgumentException(
          "overlap: " + overlap + " (expected: from 0 to below " + window.length + ")");
    }
    return new Welch(sampleRateHz, window.length - overlap, average, window.clone());
  }

  /**
   * The density of a series.
   *
   * @param series at least one segment, finite
   * @return {@code segment / 2 + 1} values from 0 Hz
   */
  public Psd estimate(double[] series) {
    Series.requireAtLeast(window.length, series);
    Series.requireFinite(series);
    int segments = 1 + (series.length - window.length) / step;
    double[] values =
        switch (average) {
          case MEAN -> mean(series, segments);
          case MEDIAN -> median(series, segments);
        };
    // Power at negative frequencies is added to all bins that have a mirror image.
    int mirrored = window.length % 2 == 0 ? values.length - 1 : values.length;
    for (int k = 0; k < values.length; k++) {
      values[k] *= k > 0 && k < mirrored ? 2 * density : density;
    }
    return new Psd(values, sampleRateHz / window.length);
  }

  /**
   * Expected median over expected mean of {@code segments} exponentially distributed powers, for
   * odd numbers; SciPy and LAL use that of the odd number below for even ones.
   */
  static double medianBias(int segments) {
    double bias = 1;
    for (int n = 1; n <= (segments - 1) / 2; n++) {
      bias += 1.0 / (2 * n + 1) - 1.0 / (2 * n);
    }
    return bias;
  }

  private double[] mean(double[] series, int segments) {
    double[] buffer = new double[2 * fft.bins()];
    double[] sum = new double[fft.bins()];
    for (int s = 0; s < segments; s++) {
      transform(series, s * step, buffer);
      for (int k = 0; k < sum.length; k++) {
        sum[k] += power(buffer, k);
      }
    }
    for (int k = 0; k < sum.length; k++) {
      sum[k] /= segments;
    }
    return sum;
  }

  private double[] median(double[] series, int segments) {
    double[] buffer = new double[2 * fft.bins()];
    double[][] powers = new double[segments][fft.bins()];
    for (int s = 0; s < segments; s++) {
      transform(series, s * step, buffer);
      for (int k = 0; k < powers[s].length; k++) {
        powers[s][k] = power(buffer, k);
      }
    }
    double bias = medianBias(segments);
    double[] median = new double[fft.bins()];
    double[] bin = new double[segments];
    for (int k = 0; k < median.length; k++) {
      for (int s = 0; s < segments; s++) {
        bin[s] = powers[s][k];
      }
      median[k] = Median.of(bin) / bias;
    }
    return median;
  }

  private void transform(double[] series, int start, double[] buffer) {
    double mean = Series.mean(series, start, window.length);
    for (int i = 0; i < window.length; i++) {
      buffer[i] = (series[start + i] - mean) * window[i];
    }
    fft.forwardInPlace(buffer);
  }

  private static double power(double[] spectrum, int bin) {
    double re = spectrum[2 * bin];
    double im = spectrum[2 * bin + 1];
    return re * re + im * im;
  }
}
