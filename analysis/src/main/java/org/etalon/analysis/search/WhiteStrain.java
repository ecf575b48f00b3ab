package org.etalon.analysis.search;

import java.util.List;
import org.etalon.strain.GpsTime;

/**
 * The whitened strain of a ring. Not modified once made.
 *
 * @param detectors one array each, in the order of the network's channels, {@code ring.size()} long
 */
record WhiteStrain(Ring ring, List<float[]> detectors) {
  /**
   * Whitened strain around an instant, less where the ring ends.
   *
   * @param startNs the first sample's instant
   * @param detectors one array each
   */
  record Excerpt(long startNs, int sampleRateHz, List<double[]> detectors) {
    double seconds(int sample) {
      return (double) sample / sampleRateHz;
    }
  }

  Excerpt around(long gpsNs, double halfSeconds) {
    int rate = ring.sampleRateHz();
    int center = (int) Math.round((gpsNs - ring.whitened().startNs()) / 1e9 * rate);
    int half = (int) GpsTime.samples(halfSeconds, rate);
    int from = Math.clamp(center - half, 0, ring.size() - 1);
    int to = Math.clamp(center + half, from + 1, ring.size());
    List<double[]> cut = detectors.stream().map(white -> cut(white, from, to)).toList();
    return new Excerpt(ring.timeNs(from), rate, cut);
  }

  private static double[] cut(float[] white, int from, int to) {
    double[] cut = new double[to - from];
    for (int i = 0; i < cut.length; i++) {
      cut[i] = white[from + i];
    }
    return cut;
  }
}
