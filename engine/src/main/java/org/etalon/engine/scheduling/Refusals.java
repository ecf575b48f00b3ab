package org.etalon.engine.scheduling;

import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** Why a version does not answer a request, in the words that Triton's clients read. */
record Refusals(VersionName name, boolean hasSequences) {
  ServingException expired() {
    return ServingException.unavailable(
        hasSequences
            ? "timeout of the corresponding sequence has been expired"
            : "Request timeout expired");
  }

  ServingException queueFull() {
    return new ServingException(ErrorCode.RESOURCE_EXHAUSTED, "Exceeds maximum queue size");
  }

  ServingException unloading() {
    return ServingException.unavailable("model '%s' is being unloaded".formatted(name));
  }

  static ServingException cancelled() {
    return new ServingException(ErrorCode.CANCELLED, "request was cancelled");
  }
}
