package org.etalon.strain.signal;

import org.jtransforms.fft.DoubleFFT_1D;

/** The tiles of one quality factor and central frequency, side by side in time. Immutable. */
final class QRow {
  private final double frequencyHz;
  private final int tiles;
  private final int firstBin;
  private final double[] window;
  private final DoubleFFT_1D transform;

  /**
   * A row for a series of {@code size} samples.
   *
   * @param distance of neighbouring tiles, at most
   */
  QRow(double q, double frequencyHz, int size, double sampleRateHz, double distance) {
    double duration = size / sampleRateHz;
    double reducedQ = q / Math.sqrt(11);
    this.frequencyHz = frequencyHz;
    int half = (int) (frequencyHz / reducedQ * duration);
    double needed = duration * 2 * Math.PI * frequencyHz / q / distance;
    int count = 1 << Math.max(0, (int) Math.ceil(Math.log(needed) / Math.log(2)));
    this.tiles = Math.max(count, Convolution.powerOfTwoFrom(2 * half + 1));
    // One bin above the nominal one, as the original implementation and gwpy have it.
    this.firstBin = (int) Math.rint(frequencyHz * duration) + 1 - half;
    this.window = new double[2 * half + 1];
    double norm =
        tiles / (duration * sampleRateHz) * Math.sqrt(315 * reducedQ / (128 * frequencyHz));
    for (int i = -half; i <= half; i++) {
      double x = i / duration * reducedQ / frequencyHz;
      window[half + i] = (1 - x * x) * (1 - x * x) * norm;
    }
    this.transform = Fft.plan(tiles);
  }

  double frequencyHz() {
    return frequencyHz;
  }

  int tiles() {
    return tiles;
  }

  /**
   * The tiles' energies: the squared magnitude of the inverse transform of the windowed spectrum
   * around the frequency.
   *
   * @param spectrum one-sided, complex bins as in {@link Fft}, divided by the number of samples
   *     and, but for bin 0, doubled
   */
  double[] energies(double[] spectrum) {
    double[] buffer = new double[2 * tiles];
    int center = window.length / 2;
    for (int i = 0; i < window.length; i++) {
      int bin = firstBin + i;
      if (2 * bin + 1 < spectrum.length) {
        // The window's middle goes to bin -1: the phase this leaves does not change an energy.
        int at = Math.floorMod(i - center - 1, tiles);
        buffer[2 * at] = spectrum[2 * bin] * window[i];
        buffer[2 * at + 1] = spectrum[2 * bin + 1] * window[i];
      }
    }
    transform.complexInverse(buffer, true);
    double[] energies = new double[tiles];
    for (int i = 0; i < tiles; i++) {
      double re = buffer[2 * i];
      double im = buffer[2 * i + 1];
      energies[i] = re * re + im * im;
    }
    return energies;
  }
}
