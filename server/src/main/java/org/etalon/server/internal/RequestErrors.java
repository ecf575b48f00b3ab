package org.etalon.server.internal;

import java.util.Optional;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** The texts of errors that answer an inference request. */
public final class RequestErrors {
  private static final String NO_ID = "<id_unknown>";

  private RequestErrors() {}

  /**
   * The error's message behind the id of its request, as clients of the protocol expect it. An
   * unknown model is not the fault of the one request, so that message stands alone.
   */
  public static String text(Optional<String> id, ServingException error) {
    String message = String.valueOf(error.getMessage());
    if (error.code() == ErrorCode.NOT_FOUND) {
      return message;
    }
    return "[request id: " + id.filter(text -> !text.isEmpty()).orElse(NO_ID) + "] " + message;
  }
}
