package org.etalon.server.internal;

import java.util.Optional;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The texts of errors that answer an inference request. */
public final class RequestErrors {
  private static final String NO_ID = "<id_unknown>";

  private static final Logger LOG = LoggerFactory.getLogger(RequestErrors.class);

  private RequestErrors() {}

  /**
   * The error's message behind the id of its request, as clients of the protocol expect it. An
   * unknown model, or one that cannot be asked this way, is not the fault of the one request, so
   * that message stands alone.
   */
  public static String text(Optional<String> id, ServingException error) {
    String message = String.valueOf(error.getMessage());
    if (error.code() == ErrorCode.INTERNAL) {
      logFault(id.orElse(NO_ID), error);
    }
    if (error.code() == ErrorCode.NOT_FOUND || error.code() == ErrorCode.UNIMPLEMENTED) {
      return message;
    }
    return "[request id: " + id.filter(text -> !text.isEmpty()).orElse(NO_ID) + "] " + message;
  }

  /** The fault is the server's, so its log tells of it too. */
  private static void logFault(String id, ServingException error) {
    MDC.put("request_id", id);
    try {
      LOG.warn("request failed: {}", error.getMessage());
    } finally {
      MDC.remove("request_id");
    }
  }
}
