package org.etalon.strain.signal;

/**
 * The slowly varying size of an oscillation; band-pass the series first, say with {@link
 * Butterworth#bandpass}.
 */
public final class Envelope {
  private Envelope() {}

  /**
   * The magnitude of the analytic signal, as {@code numpy.abs(scipy.signal.hilbert(series))}; the
   * series counts as periodic, so its ends see each other.
   *
   * @return as long as {@code series}, in its unit
   */
  public static double[] of(double[] series) {
    Series.requireAtLeast(1, series);
    Series.requireFinite(series);
    Fft fft = Fft.ofSize(series.length);
    double[] spectrum = fft.forward(series);
    // A quarter period back at every frequency: times -i. Bins without a mirror image have none.
    for (int i = 0; i < spectrum.length; i += 2) {
      double re = spectrum[i];
      spectrum[i] = spectrum[i + 1];
      spectrum[i + 1] = -re;
    }
    spectrum[0] = 0;
    if (series.length % 2 == 0) {
      spectrum[series.length] = 0;
    }
    double[] quadrature = fft.inverse(spectrum);
    for (int i = 0; i < quadrature.length; i++) {
      quadrature[i] = Math.hypot(series[i], quadrature[i]);
    }
    return quadrature;
  }

  /**
   * The root mean square of consecutive stretches.
   *
   * @param size samples of a stretch; a shorter one at the end is left out
   * @return {@code series.length / size} values, in the series' unit
   */
  public static double[] rms(double[] series, int size) {
    if (size < 1) {
      throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
    }
    Series.requireFinite(series);
    double[] rms = new double[series.length / size];
    for (int s = 0; s < rms.length; s++) {
      double sum = 0;
      for (int i = s * size; i < (s + 1) * size; i++) {
        sum += series[i] * series[i];
      }
      rms[s] = Math.sqrt(sum / size);
    }
    return rms;
  }
}
