package org.etalon.strain.signal;

import java.util.Arrays;

/**
 * A one-sided power spectral density.
 *
 * @param values at 0 Hz, {@code frequencyStepHz}, ...; in the series' unit squared per hertz (1/Hz
 *     for strain)
 * @param frequencyStepHz between values
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content below
public record Psd(double[] values, double frequencyStepHz) {

  /**
   * @throws IllegalArgumentException if there is no value, one is negative or not finite, or the
   *     step is not positive
   */
  public Psd {
    values = values.clone();
    if (values.length == 0) {
      throw new IllegalArgumentException("values: none (expected: at least one)");
    }
    if (!(frequencyStepHz > 0) || !Double.isFinite(frequencyStepHz)) {
      throw new IllegalArgumentException(
          "frequencyStepHz: " + frequencyStepHz + " (expected: > 0)");
    }
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] >= 0) || !Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "value %d: %s (expected: finite, not negative)".formatted(i, values[i]));
      }
    }
  }

  @Override
  public double[] values() {
    return values.clone();
  }

  /** The square root: the amplitude spectral density. */
  public double[] amplitude() {
    double[] amplitude = new double[values.length];
    for (int i = 0; i < amplitude.length; i++) {
      amplitude[i] = Math.sqrt(values[i]);
    }
    return amplitude;
  }

  /**
   * The density at other frequencies, linear between values and constant beyond the last, as {@code
   * numpy.interp} gives it.
   *
   * @param size number of values, the first at 0 Hz
   * @param stepHz between them
   */
  public Psd interpolate(int size, double stepHz) {
    return new Psd(interpolate(values, frequencyStepHz, size, stepHz), stepHz);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Psd(double[] those, double step)
        && step == frequencyStepHz
        && Arrays.equals(those, values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + Double.hashCode(frequencyStepHz);
  }

  @Override
  public String toString() {
    return "Psd[" + values.length + " values, frequencyStepHz=" + frequencyStepHz + "]";
  }

  static double[] interpolate(double[] values, double step, int size, double newStep) {
    double[] result = new double[size];
    int last = values.length - 1;
    for (int i = 0; i < size; i++) {
      double position = i * newStep / step;
      int below = (int) Math.min(position, last);
      double fraction = position - below;
      result[i] =
          below == last
              ? values[last]
              : values[below] + fraction * (values[below + 1] - values[below]);
    }
    return result;
  }
}
