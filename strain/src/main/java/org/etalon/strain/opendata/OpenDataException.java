package org.etalon.strain.opendata;

import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Public data could not be had; the message says what was asked of whom, why it failed and what can
 * be done.
 */
public final class OpenDataException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** Why; told apart where a caller acts differently. */
  public enum Reason {
    /**
     * No connection: the host's name does not resolve, it refuses, or it does not answer in time.
     */
    UNREACHABLE,
    /** The connection was cut, or stalled past the request timeout, while an answer was read. */
    TRANSFER,
    /** The server answers that it cannot serve now (HTTP 408, 429, 5xx). */
    SERVER,
    /** The server refuses the request (another HTTP 4xx). */
    REFUSED,
    /** No such event or file. */
    NOT_FOUND,
    /** The event or span exists, but not with the detectors, rate, format or duration asked for. */
    NOT_PUBLISHED,
    /** The answer is not what the API promises, or not safe to follow. */
    BAD_ANSWER,
    /** A strain file that arrived is not the file promised: checksum, length or format differ. */
    BAD_FILE,
    /** The cache folder cannot be used. */
    CACHE
  }

  private final Reason reason;
  private final Duration retryAfter;

  OpenDataException(Reason reason, String message) {
    this(reason, message, null, Duration.ZERO);
  }

  OpenDataException(Reason reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, Duration.ZERO);
  }

  OpenDataException(Reason reason, String message, @Nullable Throwable cause, Duration retryAfter) {
    super(message, cause);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  /** Why it failed. */
  public Reason reason() {
    return reason;
  }

  /** How long the server asks to be left alone; zero where it does not say. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** Whether the same request may succeed if sent once more. */
  boolean isWorthRetrying() {
    return switch (reason) {
      case TRANSFER, SERVER, BAD_FILE -> true;
      case UNREACHABLE, REFUSED, NOT_FOUND, NOT_PUBLISHED, BAD_ANSWER, CACHE -> false;
    };
  }

  /** Whether the server, rather than the request or its answer, is at fault. */
  boolean isOutage() {
    return switch (reason) {
      case UNREACHABLE, TRANSFER, SERVER -> true;
      case REFUSED, NOT_FOUND, NOT_PUBLISHED, BAD_ANSWER, BAD_FILE, CACHE -> false;
    };
  }

  /** The same failure with one more sentence on what can be done. */
  OpenDataException withRemedy(String remedy) {
    return new OpenDataException(reason, getMessage() + ". " + remedy, this, retryAfter);
  }
}
