package org.etalon.engine.scheduling;

import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;

/** What became of a request to an ensemble. */
sealed interface EnsembleOutcome {
  /**
   * The one answer.
   *
   * @param queueNanos from arrival to the first step's beginning
   */
  record Answered(InferenceResponse response, long queueNanos) implements EnsembleOutcome {}

  /** Its stream has been given all answers. */
  record Finished() implements EnsembleOutcome {}

  record Failed(ServingException cause) implements EnsembleOutcome {}
}
