package org.etalon.analysis.search;

import java.util.Arrays;

/**
 * The candidates of all time slides: what noise alone gives, as far as the detectors' noise is
 * independent. Immutable.
 *
 * <p>Candidates of slides that a real signal in one detector takes part in are kept, so rates come
 * out too high rather than too low.
 *
 * @see <a href="https://arxiv.org/abs/1508.02357">Usman et al. 2016: the PyCBC search, false-alarm
 *     rates from time slides</a>
 * @see <a href="https://arxiv.org/abs/1601.00130">Capano et al. 2017: systematic errors, whether to
 *     remove candidates from the background</a>
 */
final class Background {
  /** Seconds of a Julian year. */
  static final double YEAR_SECONDS = 31_557_600;

  private final double[] ascending;
  private final long livetimeNs;

  /** Takes the statistics, in any order, and the time analysed for them. */
  Background(double[] statistics, long livetimeNs) {
    if (livetimeNs <= 0) {
      throw new IllegalArgumentException("livetimeNs: " + livetimeNs + " (expected: > 0)");
    }
    this.ascending = statistics.clone();
    Arrays.sort(ascending);
    this.livetimeNs = livetimeNs;
  }

  long livetimeNs() {
    return livetimeNs;
  }

  int size() {
    return ascending.length;
  }

  /** All statistics, the smallest first. */
  double[] ascending() {
    return ascending.clone();
  }

  /** The loudest; negative infinity if there is none. */
  double loudest() {
    return ascending.length == 0 ? Double.NEGATIVE_INFINITY : ascending[ascending.length - 1];
  }

  /** How many are at least as loud. */
  int louderThan(double statistic) {
    int from = 0;
    int to = ascending.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (ascending[middle] < statistic) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return ascending.length - from;
  }

  /**
   * The rate at which noise gives candidates at least as loud, {@code (1 + louder) / Tb}, a year.
   * With none louder it is an upper limit: the background is too short to say less.
   */
  double farPerYear(double statistic) {
    return (1 + louderThan(statistic)) / (livetimeNs / 1e9) * YEAR_SECONDS;
  }

  /**
   * The probability that noise gives at least one candidate as loud within {@code foregroundNs},
   * {@code 1 - exp(-FAR T)}.
   */
  double pValue(double statistic, long foregroundNs) {
    return -Math.expm1(-farPerYear(statistic) * (foregroundNs / 1e9) / YEAR_SECONDS);
  }
}
