package org.etalon.backends.pjrt;

import java.nio.file.Path;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** Which model an error is about. */
record ModelLabel(String model, long version, Path directory) {
  ServingException invalid(String problem) {
    return new ServingException(ErrorCode.INVALID_ARGUMENT, this + ": " + problem);
  }

  /** A file cannot be compiled. */
  ServingException notLoaded(String file, PjrtException cause) {
    ErrorCode code = cause.isUnimplemented() ? ErrorCode.UNIMPLEMENTED : ErrorCode.INVALID_ARGUMENT;
    return new ServingException(
        code,
        "%s: %s cannot be compiled (expected: StableHLO as MLIR): %s"
            .formatted(this, file, cause.getMessage()),
        cause);
  }

  /** A batch cannot be run. */
  ServingException notRun(PjrtException cause) {
    ErrorCode code =
        cause.isInvalidArgument()
            ? ErrorCode.INVALID_ARGUMENT
            : cause.isOutOfMemory() ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.INTERNAL;
    return new ServingException(
        code, "%s: the program failed: %s".formatted(this, cause.getMessage()), cause);
  }

  /** {@code model 'bbh' version 1 (/models/bbh/1)}. */
  @Override
  public String toString() {
    return "model '%s' version %d (%s)".formatted(model, version, directory);
  }
}
