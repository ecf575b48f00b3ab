package org.etalon.strain.signal;

import java.util.Arrays;

/**
 * A digital filter as a cascade of second-order sections, which stay accurate where a single
 * polynomial of high order does not. Make one with {@link Butterworth}.
 *
 * <p>A section is {@code b0, b1, b2, a0 = 1, a1, a2} of {@code (b0 + b1/z + b2/z^2) / (1 + a1/z +
 * a2/z^2)}, SciPy's layout.
 */
public final class SecondOrderSections {
  static final int COEFFICIENTS = 6;

  private final double[] coefficients;

  /**
   * Takes sections designed elsewhere.
   *
   * @param coefficients six numbers a section, one section after another
   * @throws IllegalArgumentException if they are not whole sections with {@code a0 = 1}, or one is
   *     not finite
   */
  public SecondOrderSections(double[] coefficients) {
    this.coefficients = coefficients.clone();
    if (coefficients.length == 0 || coefficients.length % COEFFICIENTS != 0) {
      throw new IllegalArgumentException(
          "coefficients: " + coefficients.length + " (expected: 6 a section)");
    }
    Series.requireFinite(coefficients);
    for (int i = 3; i < coefficients.length; i += COEFFICIENTS) {
      if (coefficients[i] != 1) {
        throw new IllegalArgumentException(
            "coefficient " + i + ": " + coefficients[i] + " (expected: a0 = 1)");
      }
    }
  }

  /** Number of sections. */
  public int size() {
    return coefficients.length / COEFFICIENTS;
  }

  /** Six numbers a section, one section after another. */
  public double[] coefficients() {
    return coefficients.clone();
  }

  /**
   * The state that a constant input of one leads to, as {@code scipy.signal.sosfilt_zi}; start from
   * it times the first sample to avoid a step at the start.
   *
   * @return two numbers a section, for {@link SosFilter#startFrom}
   * @throws IllegalArgumentException if a section has a pole at one, so that there is none
   */
  public double[] steadyState() {
    double[] state = new double[2 * size()];
    double scale = 1;
    for (int s = 0; s < size(); s++) {
      int c = COEFFICIENTS * s;
      double b0 = coefficients[c];
      double b1 = coefficients[c + 1];
      double b2 = coefficients[c + 2];
      double a1 = coefficients[c + 4];
      double a2 = coefficients[c + 5];
      double gain = 1 + a1 + a2;
      if (gain == 0) {
        throw new IllegalArgumentException("section " + s + " has a pole at one: no steady state");
      }
      double first = (b1 - a1 * b0 + (b2 - a2 * b0)) / gain;
      state[2 * s] = scale * first;
      state[2 * s + 1] = scale * ((1 + a1) * first - (b1 - a1 * b0));
      scale *= (b0 + b1 + b2) / gain;
    }
    return state;
  }

  /**
   * Filters a series once, from a state of zero: causal, with the filter's delay. Equals {@code
   * scipy.signal.sosfilt}.
   *
   * @return as long as {@code series}
   */
  public double[] filter(double[] series) {
    return new SosFilter(this).filter(series);
  }

  /**
   * Filters a series forwards and then backwards: no delay, twice the attenuation. Ends are
   * extended by their point reflection. Equals {@code scipy.signal.sosfiltfilt} with its defaults.
   *
   * @param series longer than {@link #padding()}
   * @return as long as {@code series}
   */
  public double[] filterBothWays(double[] series) {
    double[] steady = steadyState();
    var filter = new SosFilter(this);
    return BothWays.filter(
        series,
        padding(),
        extended -> {
          filter.startFrom(steady, extended[0]);
          filter.filterInPlace(extended, 0, extended.length);
        });
  }

  /** Samples by which {@link #filterBothWays} extends either end. */
  public int padding() {
    int zerosAtOrigin = 0;
    int polesAtOrigin = 0;
    for (int c = 0; c < coefficients.length; c += COEFFICIENTS) {
      zerosAtOrigin += coefficients[c + 2] == 0 ? 1 : 0;
      polesAtOrigin += coefficients[c + 5] == 0 ? 1 : 0;
    }
    return 3 * (2 * size() + 1 - Math.min(zerosAtOrigin, polesAtOrigin));
  }

  @Override
  public String toString() {
    return "SecondOrderSections" + Arrays.toString(coefficients);
  }

  double[] sharedCoefficients() {
    return coefficients;
  }
}
