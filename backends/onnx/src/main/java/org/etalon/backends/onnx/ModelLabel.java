package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** Which model an error is about. */
record ModelLabel(String model, long version, Path file) {
  ServingException invalid(String problem) {
    return new ServingException(ErrorCode.INVALID_ARGUMENT, this + ": " + problem);
  }

  ServingException unsupported(String problem) {
    return new ServingException(ErrorCode.UNIMPLEMENTED, this + ": " + problem);
  }

  /** The file cannot be loaded. */
  ServingException notLoaded(OrtException cause) {
    ErrorCode code =
        switch (cause.getCode()) {
          case ORT_NOT_IMPLEMENTED -> ErrorCode.UNIMPLEMENTED;
          case ORT_EP_FAIL, ORT_DEVICE_RESET -> ErrorCode.UNAVAILABLE;
          default -> ErrorCode.INVALID_ARGUMENT;
        };
    return new ServingException(
        code, "%s: ONNX Runtime refuses the file: %s".formatted(this, cause.getMessage()), cause);
  }

  /** A batch cannot be run. */
  ServingException notRun(OrtException cause) {
    ErrorCode code =
        switch (cause.getCode()) {
          case ORT_INVALID_ARGUMENT -> ErrorCode.INVALID_ARGUMENT;
          case ORT_NOT_IMPLEMENTED -> ErrorCode.UNIMPLEMENTED;
          case ORT_EP_FAIL, ORT_DEVICE_RESET -> ErrorCode.UNAVAILABLE;
          default -> ErrorCode.INTERNAL;
        };
    return new ServingException(
        code, "%s: the model failed: %s".formatted(this, cause.getMessage()), cause);
  }

  /** {@code model 'bbh' version 1 (/models/bbh/1/model.onnx)}. */
  @Override
  public String toString() {
    return "model '%s' version %d (%s)".formatted(model, version, file);
  }
}
