package org.etalon.strain.signal;

/**
 * A digital filter as two polynomials in {@code 1/z}, for low orders; higher ones want {@link
 * SecondOrderSections}.
 */
public final class TransferFunction {
  private final double[] numerator;
  private final double[] denominator;

  /**
   * A filter from its coefficients, which are divided by {@code denominator[0]}.
   *
   * @param numerator {@code b0, b1, ...}
   * @param denominator {@code a0, a1, ...}, {@code a0} not zero
   */
  public TransferFunction(double[] numerator, double[] denominator) {
    if (numerator.length == 0 || denominator.length == 0 || denominator[0] == 0) {
      throw new IllegalArgumentException("expected: at least b0 and an a0 that is not zero");
    }
    Series.requireFinite(numerator);
    Series.requireFinite(denominator);
    int size = Math.max(numerator.length, denominator.length);
    this.numerator = normalized(numerator, denominator[0], size);
    this.denominator = normalized(denominator, denominator[0], size);
  }

  /**
   * A filter that removes one frequency. Equals {@code scipy.signal.iirnotch(frequencyHz, quality,
   * fs=sampleRateHz)}; S. J. Orfanidis, Introduction to Signal Processing (1996), equation 11.3.4.
   *
   * @param quality the frequency over the width at -3 dB
   */
  public static TransferFunction notch(double frequencyHz, double quality, double sampleRateHz) {
    Series.requireRate(sampleRateHz);
    if (!(frequencyHz > 0 && frequencyHz < sampleRateHz / 2)) {
      throw new IllegalArgumentException(
          "frequencyHz: %s (expected: above 0 and below %s)"
              .formatted(frequencyHz, sampleRateHz / 2));
    }
    if (!(quality > 0)) {
      throw new IllegalArgumentException("quality: " + quality + " (expected: > 0)");
    }
    double angle = 2 * Math.PI * frequencyHz / sampleRateHz;
    double gain = 1 / (1 + Math.tan(angle / quality / 2));
    double cosine = -2 * Math.cos(angle);
    return new TransferFunction(
        new double[] {gain, gain * cosine, gain}, new double[] {1, gain * cosine, 2 * gain - 1});
  }

  /** {@code b0, b1, ...}, as many as the longer polynomial has. */
  public double[] numerator() {
    return numerator.clone();
  }

  /** {@code a0 = 1, a1, ...}, as many as the longer polynomial has. */
  public double[] denominator() {
    return denominator.clone();
  }

  /** Filters a series once from a state of zero. Equals {@code scipy.signal.lfilter}. */
  public double[] filter(double[] series) {
    double[] filtered = series.clone();
    filterInPlace(filtered, new double[numerator.length]);
    return filtered;
  }

  /**
   * Filters a series forwards and then backwards: no delay, twice the attenuation. Equals {@code
   * scipy.signal.filtfilt} with its defaults.
   *
   * @param series longer than three times the longer polynomial
   */
  public double[] filterBothWays(double[] series) {
    double[] steady = steadyState();
    return BothWays.filter(
        series,
        3 * numerator.length,
        extended -> {
          double[] state = new double[numerator.length];
          for (int i = 0; i < steady.length; i++) {
            state[i] = steady[i] * extended[0];
          }
          filterInPlace(extended, state);
        });
  }

  /** As {@code scipy.signal.lfilter_zi}, with a zero at the end. */
  private double[] steadyState() {
    double sumA = 0;
    double sumB = 0;
    for (int i = 0; i < numerator.length; i++) {
      sumA += denominator[i];
      sumB += i == 0 ? 0 : numerator[i] - denominator[i] * numerator[0];
    }
    if (sumA == 0) {
      throw new IllegalStateException("the filter has a pole at one: no steady state");
    }
    double[] state = new double[numerator.length];
    if (state.length == 1) {
      return state;
    }
    state[0] = sumB / sumA;
    double a = 1;
    double b = 0;
    for (int i = 1; i < state.length - 1; i++) {
      a += denominator[i];
      b += numerator[i] - denominator[i] * numerator[0];
      state[i] = a * state[0] - b;
    }
    return state;
  }

  /** Direct form II transposed; the state's last element stays zero. */
  private void filterInPlace(double[] samples, double[] state) {
    for (int i = 0; i < samples.length; i++) {
      double x = samples[i];
      double y = numerator[0] * x + state[0];
      for (int k = 1; k < state.length; k++) {
        state[k - 1] = numerator[k] * x - denominator[k] * y + state[k];
      }
      samples[i] = y;
    }
  }

  private static double[] normalized(double[] polynomial, double by, int size) {
    double[] result = new double[size];
    for (int i = 0; i < polynomial.length; i++) {
      result[i] = polynomial[i] / by;
    }
    return result;
  }
}
