package org.etalon.strain.stream;

import java.util.Arrays;
import org.etalon.strain.signal.Resampling;
import org.etalon.strain.signal.SecondOrderSections;

/**
 * A symmetric finite filter, which moves nothing in time. Immutable.
 *
 * <p>Applied to a stream it lags by {@link #half} samples, since that many after a sample have a
 * part in its value.
 */
public final class ZeroPhaseFilter {
  private final double[] taps;

  private ZeroPhaseFilter(double[] taps) {
    this.taps = taps;
  }

  /** Changes nothing. */
  public static ZeroPhaseFilter none() {
    return new ZeroPhaseFilter(new double[] {1});
  }

  /**
   * What {@link SecondOrderSections#filterBothWays} does far from a series' ends, cut to a finite
   * length. Its response dies out as the filter's slowest pole: choose the length by that.
   *
   * @param half samples on either side of the middle
   */
  public static ZeroPhaseFilter bothWays(SecondOrderSections sections, int half) {
    Shapes.require("half", half, 1, 1 << 24);
    double[] impulse = new double[8 * half + 2 * sections.padding() + 1];
    int middle = impulse.length / 2;
    impulse[middle] = 1;
    double[] response = sections.filterBothWays(impulse);
    double[] taps = new double[2 * half + 1];
    for (int i = 0; i <= half; i++) {
      double value = (response[middle - i] + response[middle + i]) / 2;
      taps[half - i] = value;
      taps[half + i] = value;
    }
    return new ZeroPhaseFilter(taps);
  }

  /** The anti-alias filter of {@link Resampling#polyphase} by {@code 1 / factor}. */
  static ZeroPhaseFilter beforeDecimation(int factor) {
    return new ZeroPhaseFilter(factor == 1 ? new double[] {1} : Resampling.decimationTaps(factor));
  }

  /**
   * @param impulse the response by distance from the middle, {@code half + 1} values or more
   */
  static ZeroPhaseFilter ofImpulse(double[] impulse, int half) {
    double[] taps = new double[2 * half + 1];
    for (int i = 0; i <= half; i++) {
      taps[half - i] = impulse[i];
      taps[half + i] = impulse[i];
    }
    return new ZeroPhaseFilter(taps);
  }

  /** Samples on either side of the middle. */
  public int half() {
    return taps.length / 2;
  }

  /**
   * The filtered samples of these numbers; {@link #half} samples on either side must be there.
   *
   * @param step from one number to the next
   */
  void apply(RecentSamples series, long first, int step, int count, double[] result, int at) {
    if (count == 0) {
      return;
    }
    double[] values = series.array();
    int start = series.index(first - half());
    if (step == 1) {
      slide(values, start, count, result, at);
      return;
    }
    for (int i = 0; i < count; i++) {
      double sum = 0;
      for (int k = 0; k < taps.length; k++) {
        sum += taps[k] * values[start + i * step + k];
      }
      result[at + i] = sum;
    }
  }

  /** Tap by tap over all samples, which the processor does several at a time. */
  private void slide(double[] values, int start, int count, double[] result, int at) {
    Arrays.fill(result, at, at + count, 0);
    for (int k = 0; k < taps.length; k++) {
      double tap = taps[k];
      int from = start + k;
      for (int i = 0; i < count; i++) {
        result[at + i] += tap * values[from + i];
      }
    }
  }
}
