package org.etalon.client;

import io.grpc.Status;
import java.util.regex.Pattern;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** What a call's status means for the request it carried. */
enum Failure {
  /** The server is gone, or could not take it: send it again. */
  REFUSED,
  /** The server, or something before it, asks for less. */
  EXHAUSTED,
  /** Time ran out. */
  OVERDUE,
  /** An answer. */
  FINAL;

  /** Lines of a stack trace: gRPC puts that of the last refused connection into its text. */
  private static final Pattern TRACE = Pattern.compile("\\R(\\tat |\\t\\.\\.\\. |Caused by: ).*");

  /**
   * The kind of a status that is not OK, of a call that this client did not cancel. A server that
   * stops at once resets its streams, which gRPC reports as CANCELLED: then the server is gone.
   */
  static Failure of(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE -> REFUSED;
      case CANCELLED -> status.getCause() == null ? REFUSED : FINAL;
      case RESOURCE_EXHAUSTED -> EXHAUSTED;
      case DEADLINE_EXCEEDED -> OVERDUE;
      case OK,
          UNKNOWN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          FINAL;
    };
  }

  /** The failure in the server's own words. */
  static ServingException exception(Status status) {
    return new ServingException(code(status.getCode()), text(status), status.getCause());
  }

  /** The server's text; where it gave none, the code and what the transport says. */
  static String text(Status status) {
    String whole = status.getDescription();
    String given = whole == null ? "" : TRACE.matcher(whole).replaceAll("");
    Throwable cause = status.getCause();
    if (given.isEmpty()) {
      return cause == null
          ? "%s without a text".formatted(status.getCode())
          : "%s: %s".formatted(status.getCode(), cause);
    }
    return cause == null || cause.getMessage() == null
        ? given
        : "%s: %s".formatted(given, cause.getMessage());
  }

  static ErrorCode code(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> ErrorCode.INVALID_ARGUMENT;
      case NOT_FOUND -> ErrorCode.NOT_FOUND;
      case ALREADY_EXISTS -> ErrorCode.ALREADY_EXISTS;
      case UNAVAILABLE, ABORTED -> ErrorCode.UNAVAILABLE;
      case RESOURCE_EXHAUSTED -> ErrorCode.RESOURCE_EXHAUSTED;
      case UNIMPLEMENTED -> ErrorCode.UNIMPLEMENTED;
      case CANCELLED -> ErrorCode.CANCELLED;
      case DEADLINE_EXCEEDED -> ErrorCode.DEADLINE_EXCEEDED;
      case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
      case PERMISSION_DENIED -> ErrorCode.PERMISSION_DENIED;
      case INTERNAL, UNKNOWN, DATA_LOSS, OK -> ErrorCode.INTERNAL;
    };
  }
}
