package org.etalon.engine.status;

import java.util.OptionalLong;

/**
 * A line of the repository's index.
 *
 * @param version empty for a model that was never loaded, or of which no version could be, because
 *     its configuration or folder is bad
 * @param state its state; {@link State#UNKNOWN} for a model that was never loaded
 * @param reason why it is not ready, or why it serves though its files have changed; else empty
 */
public record ModelIndexEntry(String model, OptionalLong version, State state, String reason) {
  /** States by the protocol's names. */
  public enum State {
    UNKNOWN,
    READY,
    UNAVAILABLE,
    LOADING,
    UNLOADING
  }
}
