package org.etalon.backends.torch;

import ai.djl.engine.EngineException;
import java.nio.file.Path;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** Which model an error is about. */
record ModelLabel(String model, long version, Path file) {
  private static final int MAX_REASON = 600;
  private static final String RAISED = "RuntimeError: ";

  ServingException invalid(String problem) {
    return new ServingException(ErrorCode.INVALID_ARGUMENT, this + ": " + problem);
  }

  ServingException unsupported(String problem) {
    return new ServingException(ErrorCode.UNIMPLEMENTED, this + ": " + problem);
  }

  ServingException internal(String problem) {
    return new ServingException(ErrorCode.INTERNAL, this + ": " + problem);
  }

  /** The file cannot be loaded. */
  ServingException notLoaded(EngineException cause) {
    return new ServingException(
        ErrorCode.INVALID_ARGUMENT,
        "%s: libtorch refuses the file: %s".formatted(this, reason(cause)),
        cause);
  }

  /** A batch cannot be run. */
  ServingException notRun(EngineException cause) {
    return new ServingException(
        ErrorCode.INTERNAL, "%s: the model failed: %s".formatted(this, reason(cause)), cause);
  }

  /** libtorch's message in one line, without the lines of code that led there. */
  private static String reason(EngineException failure) {
    String message = String.valueOf(failure.getMessage());
    int raised = message.lastIndexOf(RAISED);
    String reason = raised < 0 ? message : message.substring(raised + RAISED.length());
    reason = reason.strip().replaceAll("\\s*\\n\\s*", " ");
    return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "...";
  }

  /** {@code model 'bbh' version 1 (/models/bbh/1/model.pt)}. */
  @Override
  public String toString() {
    return "model '%s' version %d (%s)".formatted(model, version, file);
  }
}
