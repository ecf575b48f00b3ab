package org.etalon.analysis.search;

import java.util.List;

/**
 * A candidate at zero lag.
 *
 * @param gpsNs when it merged: the mean of the detectors' times
 * @param detectorGpsNs when each detector saw that, in the search's order
 * @param detectionStatistic the loudest average of scores
 * @param peakScore the largest score among those averaged
 * @param louderBackground candidates of time slides at least as loud
 * @param farPerYear the false-alarm rate; an upper limit if none was as loud
 * @param pValue the probability that noise gives one as loud in the time searched
 */
public record SearchEvent(
    long gpsNs,
    List<Long> detectorGpsNs,
    double detectionStatistic,
    double peakScore,
    int louderBackground,
    double farPerYear,
    double pValue) {
  public SearchEvent {
    detectorGpsNs = List.copyOf(detectorGpsNs);
  }

  /**
   * Whether the rate and the probability are upper limits, nothing in the background being as loud.
   */
  public boolean isUpperLimit() {
    return louderBackground == 0;
  }
}
