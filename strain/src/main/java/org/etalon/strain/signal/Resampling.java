package org.etalon.strain.signal;

import java.util.Arrays;

/** Changes the rate of a series without aliases. */
public final class Resampling {
  /** Zero crossings of the anti-alias filter's sinc on each side, SciPy's choice. */
  private static final int HALF_CROSSINGS = 10;

  private static final double KAISER_BETA = 5.0;

  /** Results at a time, so that they and the samples for them stay in the nearest cache. */
  private static final int BLOCK = 1024;

  private static final int CHEBYSHEV_ORDER = 8;
  private static final double CHEBYSHEV_RIPPLE_DB = 0.05;

  private Resampling() {}

  /**
   * Resamples by {@code up / down} with a zero-phase finite filter; beyond its ends the series
   * counts as zero. Equals {@code scipy.signal.resample_poly(series, up, down)}: a sinc of half the
   * lower rate under a Kaiser window of beta 5.
   *
   * @return {@code ceil(n * up / down)} samples, the first at the time of the series' first
   */
  public static double[] polyphase(double[] series, int up, int down) {
    requireFactor("up", up);
    requireFactor("down", down);
    int divisor = greatestCommonDivisor(up, down);
    int p = up / divisor;
    int q = down / divisor;
    if (p == 1 && q == 1) {
      return series.clone();
    }
    return polyphase(series, p, q, decimationTaps(Math.max(p, q)));
  }

  /**
   * The anti-alias filter of {@link #polyphase} by {@code 1 / factor}, for who applies it piece by
   * piece.
   *
   * @return {@code 20 * factor + 1} taps, symmetric, of unit gain at 0 Hz
   */
  public static double[] decimationTaps(int factor) {
    requireFactor("factor", factor);
    int size = Math.addExact(Math.multiplyExact(2 * HALF_CROSSINGS, factor), 1);
    double[] window = Window.kaiser(size, KAISER_BETA, Window.Sampling.SYMMETRIC);
    return lowpass(1.0 / factor, window);
  }

  /**
   * Keeps every {@code factor}-th sample after a low-pass filter run both ways: Chebyshev of type
   * I, order 8, at 0.8 of the new Nyquist. Equals {@code scipy.signal.decimate(series, factor)};
   * use factors up to about 13.
   */
  public static double[] decimate(double[] series, int factor) {
    requireFactor("factor", factor);
    double[] filtered =
        Butterworth.chebyshevLowpass(CHEBYSHEV_ORDER, CHEBYSHEV_RIPPLE_DB, 0.8 / factor, 2)
            .filterBothWays(series);
    double[] result = new double[(series.length + factor - 1) / factor];
    for (int i = 0; i < result.length; i++) {
      result[i] = filtered[i * factor];
    }
    return result;
  }

  /**
   * Keeps every {@code factor}-th sample after a finite zero-phase filter, a sinc under a Hamming
   * window. Equals {@code scipy.signal.decimate(series, factor, ftype="fir")}.
   */
  public static double[] decimateFir(double[] series, int factor) {
    requireFactor("factor", factor);
    int size = Math.addExact(Math.multiplyExact(2 * HALF_CROSSINGS, factor), 1);
    double[] window = Window.hamming(size, Window.Sampling.SYMMETRIC);
    return polyphase(series, 1, factor, lowpass(1.0 / factor, window));
  }

  /**
   * Resamples by cutting or extending the spectrum: exact for what repeats after the series' end,
   * so only for series that fade at both. Equals {@code scipy.signal.resample(series, size)}.
   *
   * @param size samples of the result, which spans the same time
   */
  public static double[] fourier(double[] series, int size) {
    Series.requireAtLeast(1, series);
    Series.requireFinite(series);
    Fft to = Fft.ofSize(size);
    double[] spectrum = Fft.ofSize(series.length).forward(series);
    double[] cut = Arrays.copyOf(spectrum, 2 * to.bins());
    int shorter = Math.min(size, series.length);
    Arrays.fill(cut, Math.min(cut.length, 2 * (shorter / 2 + 1)), cut.length, 0);
    if (shorter % 2 == 0 && size != series.length) {
      // The bin at the lower Nyquist stands for itself and its mirror image in one of the two
      // spectra only.
      double factor = size < series.length ? 2 : 0.5;
      cut[shorter] *= factor;
      cut[shorter + 1] *= factor;
    }
    double scale = (double) size / series.length;
    for (int i = 0; i < cut.length; i++) {
      cut[i] *= scale;
    }
    return to.inverse(cut);
  }

  /**
   * A linear-phase low-pass filter of unit gain at 0 Hz, a sinc under {@code window}. Equals {@code
   * scipy.signal.firwin(window.length, cutoff, window=...)}.
   *
   * @param cutoff where the gain is a half, as a fraction of Nyquist
   */
  static double[] lowpass(double cutoff, double[] window) {
    double[] taps = new double[window.length];
    double middle = (window.length - 1) / 2.0;
    double sum = 0;
    for (int i = 0; i < taps.length; i++) {
      double x = Math.PI * cutoff * (i - middle);
      taps[i] = (x == 0 ? 1 : Math.sin(x) / x) * window[i];
      sum += taps[i];
    }
    for (int i = 0; i < taps.length; i++) {
      taps[i] /= sum;
    }
    return taps;
  }

  /**
   * Output {@code k} is the filter centred on input position {@code k * down / up}. Of the taps
   * only every {@code up}-th meets a sample; they are laid out per phase and backwards, so that the
   * sum runs through both arrays forwards.
   */
  private static double[] polyphase(double[] series, int up, int down, double[] taps) {
    Series.requireAtLeast(1, series);
    Series.requireFinite(series);
    if (up == 1) {
      return decimated(series, down, taps);
    }
    double[][] phases = phases(taps, up);
    int half = (taps.length - 1) / 2;
    long size = ((long) series.length * up + down - 1) / down;
    double[] result = new double[Math.toIntExact(size)];
    for (int k = 0; k < result.length; k++) {
      long position = (long) k * down + half;
      double[] phase = phases[(int) (position % up)];
      int first = (int) (position / up) - phase.length + 1;
      int from = Math.max(0, -first);
      int to = (int) Math.min(phase.length, (long) series.length - first);
      result[k] = dot(phase, series, first, from, to);
    }
    return result;
  }

  /**
   * With one phase alone: tap by tap over a block of results, for which the samples that the tap
   * meets lie side by side once the series is dealt out by {@code down}. So the processor does
   * several results at a time, and each is the sum over its taps in their order.
   */
  private static double[] decimated(double[] series, int down, double[] taps) {
    int half = (taps.length - 1) / 2;
    int before = Math.ceilDiv(half, down);
    double[] result = new double[(series.length + down - 1) / down];
    double[][] dealt = new double[down][result.length + 2 * before + 1];
    for (int i = 0; i < series.length; i++) {
      dealt[i % down][before + i / down] = series[i];
    }
    for (int from = 0; from < result.length; from += BLOCK) {
      int to = Math.min(from + BLOCK, result.length);
      for (int m = 0; m < taps.length; m++) {
        // The sample at k * down + m - half; taps are symmetric, so their order does not matter.
        int offset = m - half;
        double[] lane = dealt[Math.floorMod(offset, down)];
        int shift = before + Math.floorDiv(offset, down);
        double tap = taps[m];
        for (int k = from; k < to; k++) {
          result[k] += tap * lane[k + shift];
        }
      }
    }
    return result;
  }

  private static double[][] phases(double[] taps, int up) {
    double[][] phases = new double[up][];
    for (int r = 0; r < up; r++) {
      int count = r < taps.length ? (taps.length - r + up - 1) / up : 0;
      phases[r] = new double[count];
      for (int m = 0; m < count; m++) {
        phases[r][count - 1 - m] = taps[r + m * up] * up;
      }
    }
    return phases;
  }

  /**
   * Four sums, since a single one waits for each addition; their order is fixed, so the result is
   * too.
   */
  private static double dot(double[] taps, double[] series, int first, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int m = from;
    for (; m + 3 < to; m += 4) {
      a += taps[m] * series[first + m];
      b += taps[m + 1] * series[first + m + 1];
      c += taps[m + 2] * series[first + m + 2];
      d += taps[m + 3] * series[first + m + 3];
    }
    for (; m < to; m++) {
      a += taps[m] * series[first + m];
    }
    return (a + b) + (c + d);
  }

  private static void requireFactor(String name, int factor) {
    if (factor < 1) {
      throw new IllegalArgumentException(name + ": " + factor + " (expected: at least 1)");
    }
  }

  private static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }
}
