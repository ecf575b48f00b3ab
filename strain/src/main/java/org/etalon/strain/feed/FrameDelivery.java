package org.etalon.strain.feed;

/** Frames that appear in a folder, each whole, under names by which live sources know them. */
public interface FrameDelivery extends AutoCloseable {
  /**
   * Says how far the strain has been used: all results from before are written. Frames that are no
   * longer needed are deleted, and not delivered again to who comes after. May be called by any
   * thread; returns at once.
   */
  void done(long gpsNs);

  /** Ends the delivery. What was not done is delivered again to the next. */
  @Override
  void close();
}
