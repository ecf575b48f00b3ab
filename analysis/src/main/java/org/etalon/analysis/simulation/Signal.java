package org.etalon.analysis.simulation;

/**
 * What a detector sees of a signal or a glitch.
 *
 * @param first its first sample, counted from GPS zero
 */
@SuppressWarnings("ArrayRecordComponent") // made here, added, dropped
record Signal(long first, double[] strain) {
  /** Adds the part that lies in {@code samples}, whose first is {@code from}. */
  void addTo(double[] samples, long from) {
    int begin = Math.clamp(first - from, 0, samples.length);
    int end = Math.clamp(first + strain.length - from, 0, samples.length);
    for (int i = begin; i < end; i++) {
      samples[i] += strain[(int) (from + i - first)];
    }
  }

  boolean reaches(long from, long to) {
    return first < to && first + strain.length > from;
  }
}
