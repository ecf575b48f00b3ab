package org.etalon.strain.signal;

/**
 * How strain is whitened.
 *
 * @param sampleRateHz of the series
 * @param filterSeconds the filter's length ({@code fduration}), an even number of samples
 * @param highpassHz bins below it are set to zero; 0 for none
 */
public record WhiteningSettings(double sampleRateHz, double filterSeconds, double highpassHz) {

  /**
   * @throws IllegalArgumentException if the filter is not an even number of samples, or the corner
   *     not below Nyquist
   */
  public WhiteningSettings {
    Series.requireRate(sampleRateHz);
    Series.wholeSamples("half of filterSeconds", filterSeconds / 2, sampleRateHz);
    if (!(highpassHz >= 0 && highpassHz < sampleRateHz / 2)) {
      throw new IllegalArgumentException(
          "highpassHz: %s (expected: from 0 to below %s)".formatted(highpassHz, sampleRateHz / 2));
    }
  }

  /** The filter's length in samples. */
  public int filterSamples() {
    return Series.wholeSamples("filterSeconds", filterSeconds, sampleRateHz);
  }
}
