package org.etalon.objectstore;

import java.io.IOException;
import java.io.Serial;

/** What a store answered in place of what was asked for. */
final class S3Fault extends IOException {
  @Serial private static final long serialVersionUID = 1;

  private static final int NOT_FOUND = 404;
  private static final int PRECONDITION_FAILED = 412;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int FIRST_SERVER_FAULT = 500;

  private final int status;

  S3Fault(int status, String message) {
    super(message);
    this.status = status;
  }

  /** True if the object is not the listed one any more. */
  boolean isChangedObject() {
    return status == NOT_FOUND || status == PRECONDITION_FAILED;
  }

  /** True if the same request may succeed a moment later. */
  boolean isPassing() {
    return status >= FIRST_SERVER_FAULT || status == TOO_MANY_REQUESTS;
  }
}
