package org.etalon.strain.signal;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Filtering forwards and backwards, with ends extended by their point reflection (SciPy's {@code
 * padtype="odd"}).
 */
final class BothWays {
  private BothWays() {}

  /**
   * @param filter filters its argument in place, starting from the steady state of the first sample
   */
  static double[] filter(double[] series, int padding, Consumer<double[]> filter) {
    Series.requireAtLeast(padding + 1, series);
    Series.requireFinite(series);
    double[] extended = extend(series, padding);
    filter.accept(extended);
    reverse(extended);
    filter.accept(extended);
    reverse(extended);
    return Arrays.copyOfRange(extended, padding, padding + series.length);
  }

  private static double[] extend(double[] series, int padding) {
    int last = series.length - 1;
    double[] extended = new double[series.length + 2 * padding];
    System.arraycopy(series, 0, extended, padding, series.length);
    for (int i = 1; i <= padding; i++) {
      extended[padding - i] = 2 * series[0] - series[i];
      extended[padding + last + i] = 2 * series[last] - series[last - i];
    }
    return extended;
  }

  private static void reverse(double[] series) {
    for (int i = 0, j = series.length - 1; i < j; i++, j--) {
      double swapped = series[i];
      series[i] = series[j];
      series[j] = swapped;
    }
  }
}
