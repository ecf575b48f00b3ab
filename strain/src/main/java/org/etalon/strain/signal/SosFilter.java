package org.etalon.strain.signal;

import java.util.Objects;

/**
 * A running causal filter: chunks of a series give the same samples, bit by bit, as the whole.
 * Owned by one thread.
 *
 * <p>Direct form II transposed, as {@code scipy.signal.sosfilt} with its state {@code zi}.
 */
public final class SosFilter {
  private final double[] coefficients;
  private final double[] state;

  /** A filter whose past is zero. */
  public SosFilter(SecondOrderSections sections) {
    this.coefficients = sections.sharedCoefficients();
    this.state = new double[2 * sections.size()];
  }

  /** Two numbers a section: all that is remembered of the past. */
  public double[] state() {
    return state.clone();
  }

  /**
   * Forgets the past and takes {@code state * factor} for it: {@link
   * SecondOrderSections#steadyState} and the first sample, or {@link #state} of another filter and
   * one.
   */
  public void startFrom(double[] newState, double factor) {
    if (newState.length != state.length) {
      throw new IllegalArgumentException(
          "newState: " + newState.length + " numbers (expected: " + state.length + ")");
    }
    for (int i = 0; i < state.length; i++) {
      state[i] = newState[i] * factor;
    }
  }

  /** The next samples of the filtered series, as many as {@code chunk} has. */
  public double[] filter(double[] chunk) {
    double[] filtered = chunk.clone();
    filterInPlace(filtered, 0, filtered.length);
    return filtered;
  }

  /**
   * Replaces samples {@code start} to {@code end}, exclusive, by the next of the filtered series.
   */
  public void filterInPlace(double[] samples, int start, int end) {
    Objects.checkFromToIndex(start, end, samples.length);
    int sections = state.length / 2;
    for (int s = 0; s < sections; s++) {
      int c = SecondOrderSections.COEFFICIENTS * s;
      double b0 = coefficients[c];
      double b1 = coefficients[c + 1];
      double b2 = coefficients[c + 2];
      double a1 = coefficients[c + 4];
      double a2 = coefficients[c + 5];
      double z0 = state[2 * s];
      double z1 = state[2 * s + 1];
      for (int i = start; i < end; i++) {
        double x = samples[i];
        double y = b0 * x + z0;
        z0 = b1 * x - a1 * y + z1;
        z1 = b2 * x - a2 * y;
        samples[i] = y;
      }
      state[2 * s] = z0;
      state[2 * s + 1] = z1;
    }
  }
}
