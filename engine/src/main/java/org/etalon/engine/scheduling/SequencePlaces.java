package org.etalon.engine.scheduling;

import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;

/**
 * Where requests to a model with sequences stand in theirs; refuses, in the words that Triton's
 * clients read, those that stand nowhere.
 */
record SequencePlaces(String model) {
  /**
   * The request's place.
   *
   * @throws ServingException INVALID_ARGUMENT if it has none, or is more than one row
   */
  Sequence of(PendingRequest request) {
    if (request.request().sequence().isEmpty()) {
      throw ServingException.invalid(
          "inference request to model '%s' must specify a non-zero or non-empty correlation ID"
              .formatted(model));
    }
    if (request.rows() != 1) {
      throw ServingException.invalid(
          "inference request to model '%s' must specify batch-size 1 due to requirements of sequence batcher"
              .formatted(model));
    }
    return request.request().sequence().get();
  }

  /** Refuses a request of a sequence that is not under way. */
  ServingException notStarted(Sequence.Id id) {
    String text =
        switch (id) {
          case Sequence.Id.Number(long value) -> Long.toUnsignedString(value);
          case Sequence.Id.Text(String value) -> value;
        };
    return ServingException.invalid(
        "inference request for sequence %s to model '%s' must specify the START flag on the first request of the sequence"
            .formatted(text, model));
  }
}
