package org.etalon.strain.signal;

/**
 * Window functions, as {@code scipy.signal.get_window} gives them: largest value one.
 *
 * @see <a href="https://doi.org/10.1109/PROC.1978.10837">Harris 1978, On the use of windows for
 *     harmonic analysis</a>
 */
public final class Window {
  /** How a window lies on its samples. */
  public enum Sampling {
    /** Equal when read backwards: for filters. SciPy's {@code fftbins=False}. */
    SYMMETRIC,
    /**
     * The symmetric window one longer without its last sample: for spectra. SciPy's {@code
     * fftbins=True}.
     */
    PERIODIC
  }

  @FunctionalInterface
  private interface Shape {
    /** The value at {@code i} of {@code 0..last}. */
    double at(int i, int last);
  }

  private Window() {}

  /** Hann's raised cosine. */
  public static double[] hann(int size, Sampling sampling) {
    return cosineSum(size, sampling, 0.5, 0.5, 0);
  }

  /** Hamming's, {@code 0.54 - 0.46 cos}. */
  public static double[] hamming(int size, Sampling sampling) {
    return cosineSum(size, sampling, 0.54, 0.46, 0);
  }

  /** Blackman's, {@code 0.42 - 0.5 cos + 0.08 cos}. */
  public static double[] blackman(int size, Sampling sampling) {
    return cosineSum(size, sampling, 0.42, 0.5, 0.08);
  }

  /**
   * Tukey's: flat, with a raised cosine at both ends.
   *
   * @param taperedFraction of the window that is not flat, from 0 (a rectangle) to 1 (Hann's
   *     window)
   */
  public static double[] tukey(int size, double taperedFraction, Sampling sampling) {
    if (!(taperedFraction >= 0 && taperedFraction <= 1)) {
      throw new IllegalArgumentException(
          "taperedFraction: " + taperedFraction + " (expected: from 0 to 1)");
    }
    if (taperedFraction == 0) {
      return sample(size, sampling, (_, _) -> 1);
    }
    return sample(
        size,
        sampling,
        (i, last) -> {
          int taper = (int) Math.floor(taperedFraction * last / 2.0);
          int fromEnd = Math.min(i, last - i);
          return fromEnd > taper
              ? 1
              : 0.5 * (1 + Math.cos(Math.PI * (2.0 * fromEnd / taperedFraction / last - 1)));
        });
  }

  /**
   * Kaiser's, {@code I0(beta sqrt(1 - t^2)) / I0(beta)} for t from -1 to 1.
   *
   * @param beta shape, not negative: 0 is a rectangle, 5 is near Hamming's
   */
  public static double[] kaiser(int size, double beta, Sampling sampling) {
    if (!(beta >= 0 && beta <= 700)) {
      throw new IllegalArgumentException("beta: " + beta + " (expected: from 0 to 700)");
    }
    double peak = besselI0(beta);
    return sample(
        size,
        sampling,
        (i, last) -> {
          double t = 2.0 * i / last - 1;
          return besselI0(beta * Math.sqrt(Math.max(0, 1 - t * t))) / peak;
        });
  }

  private static double[] cosineSum(int size, Sampling sampling, double a, double b, double c) {
    return sample(
        size,
        sampling,
        (i, last) -> {
          double phase = 2 * Math.PI * i / last;
          return a - b * Math.cos(phase) + c * Math.cos(2 * phase);
        });
  }

  private static double[] sample(int size, Sampling sampling, Shape shape) {
    if (size < 1) {
      throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
    }
    double[] window = new double[size];
    if (size == 1) {
      window[0] = 1;
      return window;
    }
    int last =
        switch (sampling) {
          case SYMMETRIC -> size - 1;
          case PERIODIC -> size;
        };
    for (int i = 0; i < size; i++) {
      window[i] = shape.at(i, last);
    }
    return window;
  }

  /**
   * The modified Bessel function of order zero by its power series, whose terms are all positive
   * (DLMF 10.25.2).
   */
  private static double besselI0(double x) {
    double quarter = x * x / 4;
    double term = 1;
    double sum = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= quarter / ((double) k * k);
      sum += term;
    }
    return sum;
  }
}
