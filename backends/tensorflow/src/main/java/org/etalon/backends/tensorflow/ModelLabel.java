package org.etalon.backends.tensorflow;

import java.nio.file.Path;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** Which model an error is about. */
record ModelLabel(String model, long version, Path directory) {
  ServingException invalid(String problem) {
    return new ServingException(ErrorCode.INVALID_ARGUMENT, this + ": " + problem);
  }

  ServingException unsupported(String problem) {
    return new ServingException(ErrorCode.UNIMPLEMENTED, this + ": " + problem);
  }

  ServingException internal(String problem) {
    return new ServingException(ErrorCode.INTERNAL, this + ": " + problem);
  }

  /** The files cannot be loaded. */
  ServingException notLoaded(TensorFlowException cause) {
    ErrorCode code = cause.isUnimplemented() ? ErrorCode.UNIMPLEMENTED : ErrorCode.INVALID_ARGUMENT;
    return new ServingException(
        code, "%s: TensorFlow refuses the files: %s".formatted(this, cause.getMessage()), cause);
  }

  /** A batch cannot be run. */
  ServingException notRun(TensorFlowException cause) {
    ErrorCode code =
        cause.isInvalidArgument()
            ? ErrorCode.INVALID_ARGUMENT
            : cause.isUnimplemented() ? ErrorCode.UNIMPLEMENTED : ErrorCode.INTERNAL;
    return new ServingException(
        code, "%s: the model failed: %s".formatted(this, cause.getMessage()), cause);
  }

  /** {@code model 'bbh' version 1 (/models/bbh/1/model.savedmodel)}. */
  @Override
  public String toString() {
    return "model '%s' version %d (%s)".formatted(model, version, directory);
  }
}
