package org.etalon.strain.signal;

/** What is asked of every series before it is worked on. */
final class Series {
  private Series() {}

  static void requireFinite(double[] series) {
    for (int i = 0; i < series.length; i++) {
      if (!Double.isFinite(series[i])) {
        throw new IllegalArgumentException(
            "sample " + i + ": " + series[i] + " (expected: finite; cut gaps out first)");
      }
    }
  }

  static void requireAtLeast(int size, double[] series) {
    if (series.length < size) {
      throw new IllegalArgumentException(
          "series: " + series.length + " samples (expected: at least " + size + ")");
    }
  }

  static double mean(double[] series, int start, int size) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += series[start + i];
    }
    return sum / size;
  }

  /** Samples in {@code seconds}; the one place where seconds become samples. */
  static int wholeSamples(String name, double seconds, double sampleRateHz) {
    double samples = seconds * sampleRateHz;
    if (!(samples >= 1 && samples <= Integer.MAX_VALUE / 2.0) || samples != Math.rint(samples)) {
      throw new IllegalArgumentException(
          "%s: %s s at %s Hz is %s samples (expected: a whole number from 1)"
              .formatted(name, seconds, sampleRateHz, samples));
    }
    return (int) samples;
  }

  static void requireRate(double sampleRateHz) {
    if (!(sampleRateHz > 0) || !Double.isFinite(sampleRateHz)) {
      throw new IllegalArgumentException("sampleRateHz: " + sampleRateHz + " (expected: > 0)");
    }
  }
}
