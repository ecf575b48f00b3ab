package org.etalon.strain.signal;

import java.util.Arrays;

/**
 * Whitens a whole series with a zero-phase filter of finite length made from its power spectral
 * density: what the {@code bbh} network was trained on (ml4gw's {@code Whiten}).
 *
 * <p>The inverse amplitude spectrum, zero below the high-pass corner and at Nyquist, is cut in the
 * time domain to the filter's length under a Hann window and used by its magnitude; so a spectral
 * line or the data's end disturb no more than half a filter. Half the filter's length is cut from
 * both ends of the result, where the filter would wrap around.
 *
 * <p>Made for one PSD and one length; whitening costs two transforms. Allen et al., <a
 * href="https://arxiv.org/abs/gr-qc/0509116">FINDCHIRP</a>, section VII: truncating the inverse
 * spectrum.
 */
public final class InverseSpectrumWhitening {
  private final double sampleRateHz;
  private final int halfFilter;
  private final Fft fft;
  private final double[] magnitude;

  private InverseSpectrumWhitening(
      double sampleRateHz, int halfFilter, Fft fft, double[] magnitude) {
    this.sampleRateHz = sampleRateHz;
    this.halfFilter = halfFilter;
    this.fft = fft;
    this.magnitude = magnitude;
  }

  /**
   * Builds the filter.
   *
   * @param psd of the series, one-sided; interpolated linearly to the series' frequencies
   * @param size samples of the series
   * @param settings rate, filter length and corner
   * @throws IllegalArgumentException if the series is shorter than the filter, or a PSD value that
   *     is used is zero
   */
  public static InverseSpectrumWhitening of(Psd psd, int size, WhiteningSettings settings) {
    return of(psd, Fft.ofSize(size), settings);
  }

  /**
   * Builds the filter for series of a transform's size, whose tables take longer to make than the
   * filter: for who whitens more than once.
   */
  public static InverseSpectrumWhitening of(Psd psd, Fft fft, WhiteningSettings settings) {
    int size = fft.size();
    int taps = settings.filterSamples();
    if (size <= taps) {
      throw new IllegalArgumentException(
          "size: " + size + " (expected: more than the filter's " + taps + " samples)");
    }
    double step = settings.sampleRateHz() / size;
    double[] density = psd.interpolate(fft.bins(), step).values();
    double[] spectrum = new double[2 * fft.bins()];
    int end = size % 2 == 0 ? fft.bins() - 1 : fft.bins();
    for (int k = 0; k < end; k++) {
      if (k * step >= settings.highpassHz()) {
        spectrum[2 * k] = inverseAmplitude(density[k], k * step);
      }
    }
    double[] impulse = fft.inverse(spectrum);
    truncate(impulse, Window.hann(taps, Window.Sampling.SYMMETRIC));
    fft.forward(impulse, spectrum);
    double[] magnitude = new double[fft.bins()];
    for (int k = 0; k < magnitude.length; k++) {
      double re = spectrum[2 * k];
      double im = spectrum[2 * k + 1];
      magnitude[k] = Math.sqrt(re * re + im * im);
    }
    return new InverseSpectrumWhitening(settings.sampleRateHz(), taps / 2, fft, magnitude);
  }

  /**
   * The filter's transfer function, real, at the bins of {@link Fft#ofSize} of the series' size;
   * sqrt(Hz) for strain.
   */
  public double[] transferFunction() {
    return magnitude.clone();
  }

  /** Samples cut from each end of a series. */
  public int croppedSamples() {
    return halfFilter;
  }

  /**
   * Whitens a series.
   *
   * @param series of the size given to {@link #of}; its mean is removed
   * @return without {@link #croppedSamples} at either end: sample {@code i} belongs to the time of
   *     {@code series[i + croppedSamples()]}; unit variance for Gaussian noise of the PSD, if all
   *     its frequencies passed
   */
  public double[] whiten(double[] series) {
    if (series.length != fft.size()) {
      throw new IllegalArgumentException(
          "series: " + series.length + " samples (expected: " + fft.size() + ")");
    }
    Series.requireFinite(series);
    double mean = Series.mean(series, 0, series.length);
    double scale = Math.sqrt(2 / sampleRateHz);
    double[] spectrum = new double[2 * fft.bins()];
    for (int i = 0; i < series.length; i++) {
      spectrum[i] = series[i] - mean;
    }
    fft.forwardInPlace(spectrum);
    for (int k = 0; k < magnitude.length; k++) {
      double factor = magnitude[k] * scale;
      spectrum[2 * k] *= factor;
      spectrum[2 * k + 1] *= factor;
    }
    double[] white = fft.inverse(spectrum);
    return Arrays.copyOfRange(white, halfFilter, white.length - halfFilter);
  }

  static double inverseAmplitude(double density, double frequencyHz) {
    if (!(density > 0)) {
      throw new IllegalArgumentException(
          "PSD at %s Hz: %s (expected: > 0; is a high-pass missing?)"
              .formatted(frequencyHz, density));
    }
    return 1 / Math.sqrt(density);
  }

  /**
   * Keeps {@code window.length} samples around the start of a circular series, under the window.
   */
  static void truncate(double[] impulse, double[] window) {
    int half = window.length / 2;
    for (int i = 0; i < half; i++) {
      impulse[i] *= window[half + i];
      impulse[impulse.length - half + i] *= window[i];
    }
    Arrays.fill(impulse, half, impulse.length - half, 0);
  }
}
