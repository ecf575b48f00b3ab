package org.etalon.analysis.search;

import java.util.Map;
import java.util.TreeMap;

/**
 * What time slides of the strain so far have given: how many candidates of each loudness, in bins
 * of 1/100, so that it stays small however long the search goes on. Owned by one thread.
 */
final class LiveBackground {
  private static final double BINS = 100;

  private final TreeMap<Integer, Long> counts;
  private long livetimeNs;

  LiveBackground(Map<Integer, Long> counts, long livetimeNs) {
    this.counts = new TreeMap<>(counts);
    this.livetimeNs = livetimeNs;
  }

  void add(double statistic) {
    counts.merge(bin(statistic), 1L, Long::sum);
  }

  void addLivetime(long ns) {
    livetimeNs += ns;
  }

  long livetimeNs() {
    return livetimeNs;
  }

  /** Candidates by bin; a bin's statistics are from its number over 100 to the next. */
  Map<Integer, Long> counts() {
    return Map.copyOf(counts);
  }

  /** How many are at least as loud, or a bin less. */
  long louderThan(double statistic) {
    return counts.tailMap(bin(statistic), true).values().stream().mapToLong(n -> n).sum();
  }

  /** By {@link Background#farPerYear}'s definition; there must be some livetime. */
  LiveCandidate.Significance significance(double statistic, long foregroundNs) {
    long louder = louderThan(statistic);
    double farPerYear = (1 + louder) / (livetimeNs / 1e9) * Background.YEAR_SECONDS;
    double expected = farPerYear * (foregroundNs / 1e9) / Background.YEAR_SECONDS;
    return new LiveCandidate.Significance(
        louder, farPerYear, -Math.expm1(-expected), livetimeNs / 1e9);
  }

  private static int bin(double statistic) {
    return (int) Math.floor(statistic * BINS);
  }
}
