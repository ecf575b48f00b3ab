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
    int s = 0;
    for (; s + 1 < sections; s += 2) {
      two(s, samples, start, end);
    }
    if (s < sections) {
      one(s, samples, start, end);
    }
  }

  private void one(int section, double[] samples, int start, int end) {
    int c = SecondOrderSections.COEFFICIENTS * section;
    double b0 = coefficients[c];
    double b1 = coefficients[c + 1];
    double b2 = coefficients[c + 2];
    double a1 = coefficients[c + 4];
    double a2 = coefficients[c + 5];
    double z0 = state[2 * section];
    double z1 = state[2 * section + 1];
    for (int i = start; i < end; i++) {
      double x = samples[i];
      double y = b0 * x + z0;
      z0 = b1 * x - a1 * y + z1;
      z1 = b2 * x - a2 * y;
      samples[i] = y;
    }
    state[2 * section] = z0;
    state[2 * section + 1] = z1;
  }

  /**
   * Two sections in one pass, which gives the same bits. Each waits for its own last sample, so the
   * processor works on the second while the first waits.
   */
  private void two(int section, double[] samples, int start, int end) {
    int c = SecondOrderSections.COEFFICIENTS * section;
    int d = c + SecondOrderSections.COEFFICIENTS;
    double b0 = coefficients[c];
    double b1 = coefficients[c + 1];
    double b2 = coefficients[c + 2];
    double a1 = coefficients[c + 4];
    double a2 = coefficients[c + 5];
    double d0 = coefficients[d];
    double d1 = coefficients[d + 1];
    double d2 = coefficients[d + 2];
    double c1 = coefficients[d + 4];
    double c2 = coefficients[d + 5];
    double z0 = state[2 * section];
    double z1 = state[2 * section + 1];
    double w0 = state[2 * section + 2];
    double w1 = state[2 * section + 3];
    for (int i = start; i < end; i++) {
      double x = samples[i];
      double y = b0 * x + z0;
      z0 = b1 * x - a1 * y + z1;
      z1 = b2 * x - a2 * y;
      double v = d0 * y + w0;
      w0 = d1 * y - c1 * v + w1;
      w1 = d2 * y - c2 * v;
      samples[i] = v;
    }
    state[2 * section] = z0;
    state[2 * section + 1] = z1;
    state[2 * section + 2] = w0;
    state[2 * section + 3] = w1;
  }
}
