package org.etalon.strain.signal;

import org.jtransforms.fft.DoubleFFT_1D;
import pl.edu.icm.jlargearrays.ConcurrencyUtils;

/**
 * The Fourier transform of real series of one length, any length; lengths without large prime
 * factors are fast.
 *
 * <p>Conventions are NumPy's: {@code X[k] = sum_j x[j] exp(-2 pi i j k / n)}, and the inverse
 * divides by {@code n}. A spectrum holds the bins 0 to {@code n / 2} as real and imaginary parts in
 * turn: bin {@code k} is at {@code 2 k} and {@code 2 k + 1}, so that there are {@code 2 * bins()}
 * numbers.
 *
 * <p>Immutable and thread-safe; making one computes tables, so keep it. Transforms stay on the
 * calling thread: JTransforms would divide long ones among all cores, which changes the last bits
 * with the machine. Its number of threads is a setting of the whole process, which making an {@code
 * Fft} sets to one.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/routines.fft.html">NumPy: numpy.fft,
 *     implementation details</a>
 */
public final class Fft {
  private final int size;
  private final DoubleFFT_1D transform;

  private Fft(int size) {
    this.size = size;
    this.transform = plan(size);
  }

  /**
   * The transform of series of {@code size} samples.
   *
   * @throws IllegalArgumentException if {@code size} is not positive or its spectrum exceeds a Java
   *     array
   */
  public static Fft ofSize(int size) {
    if (size < 1 || size > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException("size: " + size + " (expected: from 1 to 2^31 - 17)");
    }
    return new Fft(size);
  }

  /** JTransforms' tables for {@code size} numbers, real or complex, and its threads turned off. */
  static DoubleFFT_1D plan(int size) {
    ConcurrencyUtils.setNumberOfThreads(1);
    return new DoubleFFT_1D(size);
  }

  /** Samples of a series. */
  public int size() {
    return size;
  }

  /** Bins of a spectrum, {@code size / 2 + 1}. */
  public int bins() {
    return size / 2 + 1;
  }

  /**
   * The spectrum of a series, as {@code numpy.fft.rfft(series)}.
   *
   * @param series {@code size()} samples
   * @return {@code 2 * bins()} numbers, complex bins as the class describes
   */
  public double[] forward(double[] series) {
    double[] spectrum = new double[2 * bins()];
    forward(series, spectrum);
    return spectrum;
  }

  /** As {@link #forward(double[])}, into {@code spectrum}, which may not be {@code series}. */
  public void forward(double[] series, double[] spectrum) {
    require("series", series, size);
    require("spectrum", spectrum, 2 * bins());
    System.arraycopy(series, 0, spectrum, 0, size);
    forwardInPlace(spectrum);
  }

  /**
   * Turns the series in the first {@code size()} elements into its spectrum of {@code 2 * bins()}.
   */
  void forwardInPlace(double[] buffer) {
    transform.realForward(buffer);
    // JTransforms puts the last bin's only, or for odd sizes imaginary, part where bin 0 has none.
    if (size == 1) {
      buffer[1] = 0;
      return;
    }
    buffer[size] = buffer[1];
    buffer[1] = 0;
    if (size % 2 == 0) {
      buffer[size + 1] = 0;
    }
  }

  /**
   * The series of a spectrum, as {@code numpy.fft.irfft(spectrum, size)}; imaginary parts of the
   * bins at 0 Hz and, for even sizes, Nyquist are not used.
   *
   * @param spectrum {@code 2 * bins()} numbers
   * @return {@code size()} samples
   */
  public double[] inverse(double[] spectrum) {
    double[] series = new double[size];
    inverse(spectrum, series);
    return series;
  }

  /** As {@link #inverse(double[])}, into {@code series}, which may not be {@code spectrum}. */
  public void inverse(double[] spectrum, double[] series) {
    require("spectrum", spectrum, 2 * bins());
    require("series", series, size);
    System.arraycopy(spectrum, 0, series, 0, size);
    if (size > 1) {
      series[1] = spectrum[size];
    }
    transform.realInverse(series, true);
  }

  private static void require(String name, double[] array, int size) {
    if (array.length != size) {
      throw new IllegalArgumentException(
          name + ": " + array.length + " numbers (expected: " + size + ")");
    }
  }
}
