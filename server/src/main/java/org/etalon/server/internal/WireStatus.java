package org.etalon.server.internal;

import io.grpc.Status;
import org.etalon.inference.ErrorCode;

/**
 * How a kind of failure looks on the wire.
 *
 * @param grpc the status code of a gRPC call
 * @param http the status of an HTTP answer
 */
public record WireStatus(Status.Code grpc, int http) {
  private static final WireStatus INVALID_ARGUMENT =
      new WireStatus(Status.Code.INVALID_ARGUMENT, 400);
  private static final WireStatus NOT_FOUND = new WireStatus(Status.Code.NOT_FOUND, 404);
  private static final WireStatus ALREADY_EXISTS = new WireStatus(Status.Code.ALREADY_EXISTS, 400);
  private static final WireStatus UNAVAILABLE = new WireStatus(Status.Code.UNAVAILABLE, 503);
  private static final WireStatus UNIMPLEMENTED = new WireStatus(Status.Code.UNIMPLEMENTED, 501);
  private static final WireStatus CANCELLED = new WireStatus(Status.Code.CANCELLED, 400);
  private static final WireStatus DEADLINE_EXCEEDED =
      new WireStatus(Status.Code.DEADLINE_EXCEEDED, 504);
  private static final WireStatus UNAUTHENTICATED =
      new WireStatus(Status.Code.UNAUTHENTICATED, 401);
  private static final WireStatus PERMISSION_DENIED =
      new WireStatus(Status.Code.PERMISSION_DENIED, 403);
  private static final WireStatus INTERNAL = new WireStatus(Status.Code.INTERNAL, 500);

  /**
   * The one place that turns a kind of failure into statuses. A full queue is UNAVAILABLE, which is
   * what clients of the protocol retry.
   */
  public static WireStatus of(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT -> INVALID_ARGUMENT;
      case NOT_FOUND -> NOT_FOUND;
      case ALREADY_EXISTS -> ALREADY_EXISTS;
      case UNAVAILABLE, RESOURCE_EXHAUSTED -> UNAVAILABLE;
      case UNIMPLEMENTED -> UNIMPLEMENTED;
      case CANCELLED -> CANCELLED;
      case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
      case UNAUTHENTICATED -> UNAUTHENTICATED;
      case PERMISSION_DENIED -> PERMISSION_DENIED;
      case INTERNAL -> INTERNAL;
    };
  }
}
