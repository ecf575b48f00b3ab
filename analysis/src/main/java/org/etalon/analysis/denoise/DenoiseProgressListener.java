package org.etalon.analysis.denoise;

import org.etalon.strain.Segment;

/** Told of what is done; called on the run's thread. */
public interface DenoiseProgressListener {
  /**
   * A frame of cleaned strain is written.
   *
   * @param doneSeconds of cleaned strain in this run
   * @param totalSeconds that there are; 0 where nobody knows
   */
  void written(Segment frame, double doneSeconds, double totalSeconds);

  /** A live frame is written, so late. */
  default void late(FrameLatency latency) {}
}
