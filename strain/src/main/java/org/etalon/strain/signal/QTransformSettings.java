package org.etalon.strain.signal;

/**
 * What a {@link QTransform} covers.
 *
 * @param sampleRateHz of the series
 * @param size samples of the series
 * @param minQ lowest quality factor, at least sqrt(11)
 * @param maxQ highest
 * @param minFrequencyHz lowest central frequency
 * @param maxFrequencyHz highest, at most {@link #highestFrequencyHz} of {@code minQ}
 * @param mismatch largest part of a burst's energy lost between tiles, such as 0.2
 */
public record QTransformSettings(
    double sampleRateHz,
    int size,
    double minQ,
    double maxQ,
    double minFrequencyHz,
    double maxFrequencyHz,
    double mismatch) {

  /**
   * @throws IllegalArgumentException naming the value that is out of range
   */
  public QTransformSettings {
    Series.requireRate(sampleRateHz);
    require(size >= 16, "size", size, "at least 16");
    require(minQ >= Math.sqrt(11) && minQ <= maxQ, "minQ", minQ, "from sqrt(11) to maxQ=" + maxQ);
    require(maxQ <= 1e4, "maxQ", maxQ, "at most 10000");
    require(mismatch > 0 && mismatch < 1, "mismatch", mismatch, "between 0 and 1");
    double step = sampleRateHz / size;
    require(
        minFrequencyHz >= step, "minFrequencyHz", minFrequencyHz, "at least 1/duration, " + step);
    double highest = highestFrequencyHz(sampleRateHz, minQ);
    require(maxFrequencyHz <= highest, "maxFrequencyHz", maxFrequencyHz, "at most " + highest);
    require(
        minFrequencyHz < maxFrequencyHz,
        "minFrequencyHz",
        minFrequencyHz,
        "below maxFrequencyHz=" + maxFrequencyHz);
  }

  /**
   * Qs from 4 to 64 and all frequencies that have tiles at all of them, with a mismatch of 0.2:
   * gwpy's defaults.
   *
   * @throws IllegalArgumentException if the series is too short for any
   */
  public static QTransformSettings of(double sampleRateHz, int size) {
    double lowest = 50 * 64 / (2 * Math.PI * size / sampleRateHz);
    double highest = highestFrequencyHz(sampleRateHz, 4);
    return new QTransformSettings(sampleRateHz, size, 4, 64, lowest, highest, 0.2);
  }

  /** The same with other central frequencies. */
  public QTransformSettings withFrequencies(double newMinHz, double newMaxHz) {
    return new QTransformSettings(sampleRateHz, size, minQ, maxQ, newMinHz, newMaxHz, mismatch);
  }

  /** The same with other quality factors; frequencies above what the lowest allows are left out. */
  public QTransformSettings withQ(double newMinQ, double newMaxQ) {
    double highest = Math.min(maxFrequencyHz, highestFrequencyHz(sampleRateHz, newMinQ));
    return new QTransformSettings(
        sampleRateHz, size, newMinQ, newMaxQ, minFrequencyHz, highest, mismatch);
  }

  /** The central frequency whose window, at quality {@code q}, ends at Nyquist. */
  public static double highestFrequencyHz(double sampleRateHz, double q) {
    return sampleRateHz / 2 / (1 + Math.sqrt(11) / q);
  }

  /** Length of the series. */
  public double durationSeconds() {
    return size / sampleRateHz;
  }

  /**
   * Largest distance of neighbouring tiles in the metric of Chatterji's thesis (2005), section
   * 5.3.3.
   */
  double tileDistance() {
    return 2 * Math.sqrt(mismatch / 3);
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
