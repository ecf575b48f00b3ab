package org.etalon.strain.signal;

/** Linear convolution by overlap-add. */
final class Convolution {
  private Convolution() {}

  /**
   * All {@code series.length + taps.length - 1} samples of the convolution, as {@code
   * scipy.signal.fftconvolve(series, taps)}.
   */
  static double[] full(double[] series, double[] taps) {
    int blockSize = blockSize(series.length, taps.length);
    Fft fft = Fft.ofSize(blockSize);
    double[] filter = spectrum(fft, taps, 0, taps.length);
    int step = blockSize - taps.length + 1;
    double[] result = new double[series.length + taps.length - 1];
    double[] block = new double[blockSize];
    for (int start = 0; start < series.length; start += step) {
      double[] product = spectrum(fft, series, start, Math.min(step, series.length - start));
      multiply(product, filter);
      fft.inverse(product, block);
      int count = Math.min(blockSize, result.length - start);
      for (int i = 0; i < count; i++) {
        result[start + i] += block[i];
      }
    }
    return result;
  }

  /**
   * One block if the series is hardly longer than the taps, else a power of two several times as
   * long as the taps.
   */
  private static int blockSize(int series, int taps) {
    int whole = powerOfTwoFrom(series + taps - 1);
    return Math.min(whole, powerOfTwoFrom(Math.max(4 * taps, 1024)));
  }

  static int powerOfTwoFrom(int size) {
    if (size > 1 << 30) {
      throw new IllegalArgumentException("size: " + size + " (expected: at most 2^30)");
    }
    return size <= 1 ? 1 : Integer.highestOneBit(size - 1) << 1;
  }

  private static double[] spectrum(Fft fft, double[] samples, int start, int count) {
    double[] buffer = new double[2 * fft.bins()];
    System.arraycopy(samples, start, buffer, 0, count);
    fft.forwardInPlace(buffer);
    return buffer;
  }

  private static void multiply(double[] a, double[] b) {
    for (int i = 0; i < a.length; i += 2) {
      double re = a[i] * b[i] - a[i + 1] * b[i + 1];
      a[i + 1] = a[i] * b[i + 1] + a[i + 1] * b[i];
      a[i] = re;
    }
  }
}
