package org.etalon.engine.repository;

import java.util.Optional;
import org.etalon.engine.scheduling.VersionGate;
import org.etalon.inference.ServingException;

/**
 * A canary that failed.
 *
 * @param gate which it was; empty: there was none
 */
record TakenBack(Optional<VersionGate> gate, long version, String reason) {
  static final TakenBack NONE = new TakenBack(Optional.empty(), 0, "");

  TakenBack(VersionGate gate, long version, String reason) {
    this(Optional.of(gate), version, reason);
  }

  /** True if the folder has it as it was. */
  boolean isSame(long other, ModelDirectory directory) {
    String fingerprint = directory.versionFingerprints().getOrDefault(other, "");
    return other == version && gate.filter(known -> known.isLoadedFrom(fingerprint)).isPresent();
  }

  /** What the index says. */
  String text() {
    return "canary failed: " + reason;
  }

  ServingException failure() {
    return ServingException.unavailable(text());
  }
}
