package org.etalon.strain.signal;

import java.util.ArrayList;
import java.util.List;

/** All rows of one quality factor, by ascending frequency. Immutable. */
final class QPlane {
  private final double q;
  private final double durationSeconds;
  private final List<QRow> rows;

  /** The plane that covers the settings' frequencies. */
  QPlane(double q, QTransformSettings settings) {
    this.q = q;
    this.durationSeconds = settings.durationSeconds();
    var made = new ArrayList<QRow>();
    for (double frequency : frequencies(q, settings)) {
      made.add(
          new QRow(
              q, frequency, settings.size(), settings.sampleRateHz(), settings.tileDistance()));
    }
    this.rows = List.copyOf(made);
  }

  List<QRow> rows() {
    return rows;
  }

  /** Energies over each row's median. */
  QGram transform(double[] spectrum) {
    double[] frequencies = new double[rows.size()];
    double[][] energies = new double[rows.size()][];
    for (int r = 0; r < energies.length; r++) {
      QRow row = rows.get(r);
      frequencies[r] = row.frequencyHz();
      energies[r] = row.energies(spectrum);
      double median = Median.of(energies[r].clone());
      if (!(median > 0)) {
        throw new IllegalArgumentException(
            "the series has no energy near " + frequencies[r] + " Hz for most of its time");
      }
      for (int i = 0; i < energies[r].length; i++) {
        energies[r][i] /= median;
      }
    }
    return new QGram(q, durationSeconds, frequencies, energies);
  }

  /** Evenly spaced in the metric, then brought down to a whole number of periods in the series. */
  private static List<Double> frequencies(double q, QTransformSettings settings) {
    double low = settings.minFrequencyHz();
    double root = Math.sqrt(2 + q * q);
    double distance = Math.log(settings.maxFrequencyHz() / low) * root / 2;
    int count = (int) Math.max(1, Math.ceil(distance / settings.tileDistance()));
    double step = 1 / settings.durationSeconds();
    var frequencies = new ArrayList<Double>();
    double last = 0;
    for (int i = 0; i < count; i++) {
      double exact = low * Math.exp(2 / root * (i + 0.5) * (distance / count));
      double whole = Math.rint((exact - exact % step) / step) * step;
      if (whole != last) {
        frequencies.add(whole);
      }
      last = whole;
    }
    return frequencies;
  }
}
