package org.etalon.analysis.denoise;

/**
 * What cleaning has changed, as ratios of cleaned to raw strain.
 *
 * @param bandLowHz the middle fifth of the network's band, in which the first three are taken
 * @param bandRmsRatio of the root mean square in that band
 * @param meanAsdRatio mean over that band of the ratio of amplitude spectral densities
 * @param centreAsdRatio the ratio in the band's middle
 * @param outsideMin least ratio far from the band: from 20 Hz to 5 Hz below it and from 5 Hz above
 *     it to 1500 Hz
 * @param outsideMax largest ratio there
 */
public record Effect(
    double bandLowHz,
    double bandHighHz,
    double bandRmsRatio,
    double meanAsdRatio,
    double centreAsdRatio,
    double outsideMin,
    double outsideMax) {

  static Effect of(double[] raw, double[] clean, double stepHz, DenoiseSettings settings) {
    double centre = (settings.bandLowHz() + settings.bandHighHz()) / 2;
    double reach = (settings.bandHighHz() - settings.bandLowHz()) / 10;
    double rawPower = 0;
    double cleanPower = 0;
    double ratios = 0;
    int count = 0;
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int k = 1; k < raw.length; k++) {
      double frequency = k * stepHz;
      double ratio = clean[k] / raw[k];
      if (Math.abs(frequency - centre) <= reach) {
        rawPower += raw[k] * raw[k];
        cleanPower += clean[k] * clean[k];
        ratios += ratio;
        count++;
      }
      boolean isOutside =
          (frequency >= 20 && frequency <= settings.bandLowHz() - 5)
              || (frequency >= settings.bandHighHz() + 5 && frequency <= 1500);
      if (isOutside) {
        least = Math.min(least, ratio);
        most = Math.max(most, ratio);
      }
    }
    int middle = (int) Math.round(centre / stepHz);
    return new Effect(
        centre - reach,
        centre + reach,
        Math.sqrt(cleanPower / rawPower),
        ratios / count,
        clean[middle] / raw[middle],
        least,
        most);
  }
}
