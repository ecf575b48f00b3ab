package org.etalon.analysis.simulation;

import java.util.List;

/** A spectrum between points of amplitude, linear in logarithms; constant beyond the ends. */
final class TabulatedCurve implements NoiseCurve {
  private final double[] logFrequency;
  private final double[] logDensity;

  /**
   * @param points frequency in hertz and amplitude spectral density, in order of frequency
   */
  TabulatedCurve(List<double[]> points) {
    logFrequency = points.stream().mapToDouble(point -> Math.log(point[0])).toArray();
    logDensity = points.stream().mapToDouble(point -> Math.log(point[1])).toArray();
  }

  @Override
  public double at(double frequencyHz) {
    double x = Math.log(Math.max(frequencyHz, Double.MIN_NORMAL));
    int last = logFrequency.length - 1;
    x = Math.clamp(x, logFrequency[0], logFrequency[last]);
    int below = java.util.Arrays.binarySearch(logFrequency, x);
    below = Math.min(below < 0 ? -below - 2 : below, last - 1);
    double fraction = (x - logFrequency[below]) / (logFrequency[below + 1] - logFrequency[below]);
    double log = logDensity[below] + fraction * (logDensity[below + 1] - logDensity[below]);
    return Math.exp(2 * log);
  }
}
