package org.etalon.analysis.search;

import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;

/**
 * A stretch of time that both detectors have whitened strain of. Time slides go round in it.
 *
 * @param index its place in the search, from 0
 * @param whitened begins and ends half a whitening filter within what was read
 * @param common the raw strain it may use, at least half a filter longer at both ends
 * @param sampleRateHz of the whitened strain
 */
record Ring(int index, Segment whitened, Segment common, int sampleRateHz) {
  /** Samples of either detector. */
  int size() {
    return (int) GpsTime.samples(whitened.durationNs(), sampleRateHz);
  }

  long timeNs(int sample) {
    return whitened.startNs() + GpsTime.durationNs(sample, sampleRateHz);
  }
}
