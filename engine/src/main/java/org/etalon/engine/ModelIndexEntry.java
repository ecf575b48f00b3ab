package org.etalon.engine;

import java.util.OptionalLong;

/**
 * A line of the repository's index.
 *
 * @param version empty for a model that was never loaded
 * @param state its state; {@link State#UNKNOWN} for a model that was never loaded
 * @param reason why it is not ready; empty text otherwise
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
