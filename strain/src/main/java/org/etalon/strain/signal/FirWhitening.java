package org.etalon.strain.signal;

import java.util.Arrays;

/**
 * Whitens a series by convolution with a finite filter made from its power spectral density, as
 * gwpy's {@code TimeSeries.whiten(asd=..., fduration=..., highpass=..., window="hann",
 * detrend="constant")} does.
 *
 * <p>Unlike {@link InverseSpectrumWhitening} nothing is cut: the result is as long as the series,
 * and half a filter at both ends is tapered and not to be used.
 */
public final class FirWhitening {
  /** gwpy smooths this many bins at either end of the passband. */
  private static final int TAPERED_BINS = 5;

  private final double sampleRateHz;
  private final double[] taps;
  private final double[] window;

  private FirWhitening(double sampleRateHz, double[] taps, double[] window) {
    this.sampleRateHz = sampleRateHz;
    this.taps = taps;
    this.window = window;
  }

  /**
   * Builds the filter.
   *
   * @param psd of the series, one-sided; its square root is interpolated linearly to the series'
   *     frequencies
   * @param size samples of the series
   * @param settings rate, filter length and corner
   * @throws IllegalArgumentException if the series is shorter than the filter or odd, or a PSD
   *     value is zero
   */
  public static FirWhitening of(Psd psd, int size, WhiteningSettings settings) {
    int length = settings.filterSamples();
    if (size <= length || size % 2 != 0) {
      throw new IllegalArgumentException(
          "size: " + size + " (expected: even and more than the filter's " + length + " samples)");
    }
    Fft fft = Fft.ofSize(size);
    double step = settings.sampleRateHz() / size;
    double[] amplitude = Psd.interpolate(psd.amplitude(), psd.frequencyStepHz(), fft.bins(), step);
    int corner = (int) (settings.highpassHz() / step);
    double[] spectrum = new double[2 * fft.bins()];
    for (int k = corner; k < amplitude.length; k++) {
      spectrum[2 * k] =
          InverseSpectrumWhitening.inverseAmplitude(amplitude[k] * amplitude[k], k * step);
    }
    taper(spectrum, corner);
    double[] impulse = fft.inverse(spectrum);
    double[] window = Window.hann(length, Window.Sampling.PERIODIC);
    InverseSpectrumWhitening.truncate(impulse, window);
    double[] taps = new double[length];
    int center = length / 2 - 1;
    for (int i = 0; i < length; i++) {
      taps[i] = impulse[Math.floorMod(i - center, size)];
    }
    return new FirWhitening(settings.sampleRateHz(), taps, window);
  }

  /** The filter's impulse response; no delay is at index {@code length / 2 - 1}. */
  public double[] taps() {
    return taps.clone();
  }

  /**
   * Whitens a series.
   *
   * @param series longer than the filter; its mean is removed and half a filter tapered at both
   *     ends
   * @return as long as {@code series}; unit variance for Gaussian noise of the PSD away from the
   *     ends
   */
  public double[] whiten(double[] series) {
    Series.requireAtLeast(taps.length + 1, series);
    Series.requireFinite(series);
    double mean = Series.mean(series, 0, series.length);
    double scale = Math.sqrt(2 / sampleRateHz);
    double[] conditioned = new double[series.length];
    for (int i = 0; i < series.length; i++) {
      conditioned[i] = (series[i] - mean) * scale;
    }
    int half = taps.length / 2;
    for (int i = 0; i < half; i++) {
      conditioned[i] *= window[i];
      conditioned[series.length - half + i] *= window[half + i];
    }
    double[] full = Convolution.full(conditioned, taps);
    int start = (taps.length - 1) / 2;
    return Arrays.copyOfRange(full, start, start + series.length);
  }

  private static void taper(double[] spectrum, int corner) {
    double[] edge = Window.hann(2 * TAPERED_BINS, Window.Sampling.SYMMETRIC);
    int bins = spectrum.length / 2;
    for (int i = 0; i < TAPERED_BINS; i++) {
      if (corner + i < bins) {
        spectrum[2 * (corner + i)] *= edge[i];
      }
      spectrum[2 * (bins - TAPERED_BINS + i)] *= edge[TAPERED_BINS + i];
    }
  }
}
