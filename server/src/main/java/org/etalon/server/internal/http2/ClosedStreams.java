package org.etalon.server.internal.http2;

/**
 * The streams that ended last, and how: what still comes on one that this side ended first was sent
 * before the client knew, and is no fault. Owned by one event loop.
 */
final class ClosedStreams {
  private static final int KEPT = 256;

  /** Identifiers in a ring; negative where this side ended the stream first. */
  private final int[] ring = new int[KEPT];

  private int next;

  void add(int streamId, boolean wasEndedHereFirst) {
    ring[next++ & KEPT - 1] = wasEndedHereFirst ? -streamId : streamId;
  }

  /** True if the client had ended its side, so that nothing more may come. */
  boolean wasEndedByClient(int streamId) {
    for (int each : ring) {
      if (each == streamId) {
        return true;
      }
    }
    return false;
  }

  boolean wasEndedHereFirst(int streamId) {
    return wasEndedByClient(-streamId);
  }
}
