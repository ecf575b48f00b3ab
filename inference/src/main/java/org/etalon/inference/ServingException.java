package org.etalon.inference;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a remote user can cause or has to know of. The message says what was given, what
 * was expected and what to do.
 */
public final class ServingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public ServingException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public ServingException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }

  public static ServingException invalid(String message) {
    return new ServingException(ErrorCode.INVALID_ARGUMENT, message);
  }

  public static ServingException notFound(String message) {
    return new ServingException(ErrorCode.NOT_FOUND, message);
  }

  public static ServingException unavailable(String message) {
    return new ServingException(ErrorCode.UNAVAILABLE, message);
  }

  public static ServingException internal(String message, Throwable cause) {
    return new ServingException(ErrorCode.INTERNAL, message, cause);
  }
}
