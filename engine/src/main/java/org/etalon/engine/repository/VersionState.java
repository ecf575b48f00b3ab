package org.etalon.engine.repository;

import org.etalon.engine.status.ModelIndexEntry.State;

/**
 * How a version is doing, as the index tells it.
 *
 * @param reason why it is not ready, or why what should replace it is not; else empty
 */
record VersionState(State state, String reason) {
  static final VersionState LOADING = new VersionState(State.LOADING, "");
  static final VersionState READY = new VersionState(State.READY, "");
  static final VersionState UNLOADING = new VersionState(State.UNLOADING, "");
  static final VersionState UNLOADED = new VersionState(State.UNAVAILABLE, "unloaded");

  static VersionState failed(String reason) {
    return new VersionState(State.UNAVAILABLE, reason);
  }

  /** Serving, while what should have replaced it failed. */
  static VersionState readyDespite(String reason) {
    return new VersionState(State.READY, reason);
  }
}
