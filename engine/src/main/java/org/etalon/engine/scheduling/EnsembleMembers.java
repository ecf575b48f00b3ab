package org.etalon.engine.scheduling;

import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;

/** Where an ensemble finds the models of its steps. Thread-safe. */
@FunctionalInterface
public interface EnsembleMembers {
  /**
   * The version that takes requests now.
   *
   * @throws ServingException NOT_FOUND or UNAVAILABLE if there is none
   */
  VersionGate gate(ModelId model);
}
