package org.etalon.analysis.search;

import org.etalon.strain.Segment;

/** Told what a live search finds, on the thread that runs it. */
@FunctionalInterface
public interface LiveSearchListener {
  /** A candidate, within the moment; a louder one near it may supersede it. */
  void candidate(LiveCandidate candidate);

  /**
   * Strain has been searched.
   *
   * @param latencySeconds from when its file had been read to when its candidates were known
   */
  default void searched(Segment span, double latencySeconds) {
    // for those who want to know
  }

  /** How far the search is has been noted: a later run needs no strain from before this instant. */
  default void noted(long restartNs) {
    // for those who keep the strain
  }
}
