package org.etalon.analysis.search;

import org.etalon.strain.GpsTime;

/**
 * A ring's windows with the second detector's strain moved round it by a shift: the sample beside
 * the first detector's sample {@code i} is {@code i - shift}, modulo the ring's size.
 *
 * <p>Windows begin at multiples of the stride. Those that reach over the seam, where the second
 * detector's strain jumps from its end to its start, are left out; so there are two runs of
 * windows, before the seam and after it, or one at zero lag.
 *
 * @param number 0 is zero lag
 * @param shift samples
 * @param size samples of the ring
 */
record TimeSlide(int number, int shift, int size, int kernelSize, int stride) {
  TimeSlide {
    if (shift < 0 || shift >= size) {
      throw new IllegalArgumentException(
          "shift: " + shift + " (expected: 0 to " + (size - 1) + ")");
    }
  }

  static TimeSlide of(int number, Ring ring, SearchSettings settings) {
    return new TimeSlide(
        number,
        Math.multiplyExact(number, settings.shiftSamples()),
        ring.size(),
        settings.kernelSize(),
        settings.stride());
  }

  /** Whether a ring is long enough for a slide of that number, so that no two are the same. */
  static boolean fits(int number, Ring ring, SearchSettings settings) {
    return (long) number * settings.shiftSamples() < ring.size();
  }

  int windows() {
    return windowsBeforeSeam() + windowsAfterSeam();
  }

  int windowsBeforeSeam() {
    return windowsWithin(0, shift);
  }

  int windowsAfterSeam() {
    return windowsWithin(firstAfterSeam(), size);
  }

  /** The first sample of the first detector's window. */
  int firstSample(int window) {
    int before = windowsBeforeSeam();
    return window < before ? window * stride : firstAfterSeam() + (window - before) * stride;
  }

  /** The first sample of the second detector's. */
  int firstSampleShifted(int window) {
    return Math.floorMod(firstSample(window) - shift, size);
  }

  /**
   * The time analysed: one stride for each average of {@code integrationSize} scores in a row,
   * since each is a chance to find something.
   */
  long livetimeNs(int integrationSize, int sampleRateHz) {
    int before = Math.max(0, windowsBeforeSeam() - integrationSize + 1);
    int after = Math.max(0, windowsAfterSeam() - integrationSize + 1);
    return ((long) before + after) * GpsTime.durationNs(stride, sampleRateHz);
  }

  private int firstAfterSeam() {
    return Math.ceilDiv(shift, stride) * stride;
  }

  private int windowsWithin(int from, int to) {
    return to - from < kernelSize ? 0 : 1 + (to - from - kernelSize) / stride;
  }
}
