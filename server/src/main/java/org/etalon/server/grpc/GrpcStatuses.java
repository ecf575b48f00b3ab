package org.etalon.server.grpc;

import io.grpc.Status;
import java.util.Optional;
import org.etalon.inference.ServingException;
import org.etalon.server.internal.RequestErrors;
import org.etalon.server.internal.WireStatus;

/** Failures as statuses of gRPC calls. */
final class GrpcStatuses {
  /** A status travels in a header, and peers bound the size of headers to 8 KiB at times. */
  private static final int MAX_TEXT = 2000;

  private GrpcStatuses() {}

  /** The status of a call that was one inference request. */
  static Status ofRequest(Optional<String> id, ServingException error) {
    return status(error, RequestErrors.text(id, error));
  }

  /** The status of any other call. */
  static Status of(ServingException error) {
    return status(error, String.valueOf(error.getMessage()));
  }

  private static Status status(ServingException error, String text) {
    return Status.fromCode(WireStatus.of(error.code()).grpc())
        .withDescription(clip(text))
        .withCause(error);
  }

  static String clip(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
  }
}
