package org.etalon.backends.pjrt;

/** A plugin's error. */
final class PjrtException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code PJRT_Error_Code}, which are those of Abseil's statuses. */
  private static final int INVALID_ARGUMENT = 3;

  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int UNIMPLEMENTED = 12;

  private final int code;

  PjrtException(int code, String message) {
    super(message);
    this.code = code;
  }

  boolean isInvalidArgument() {
    return code == INVALID_ARGUMENT;
  }

  boolean isOutOfMemory() {
    return code == RESOURCE_EXHAUSTED;
  }

  boolean isUnimplemented() {
    return code == UNIMPLEMENTED;
  }
}
