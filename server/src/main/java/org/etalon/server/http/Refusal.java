package org.etalon.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** Why a request is not taken, and its connection closed. */
record Refusal(HttpResponseStatus status, String message) {
  /** For what the HTTP decoder stumbled over. */
  static Refusal of(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException e ->
          new Refusal(HttpResponseStatus.REQUEST_URI_TOO_LONG, "request line: " + e.getMessage());
      case TooLongHttpHeaderException e ->
          new Refusal(
              HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers: " + e.getMessage());
      default -> new Refusal(HttpResponseStatus.BAD_REQUEST, "not HTTP: " + cause.getMessage());
    };
  }

  static Refusal tooLong(long announced, int maxBytes) {
    return new Refusal(
        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
        "request body: %d bytes (expected: at most %d)".formatted(announced, maxBytes));
  }

  static Refusal tooLong(int maxBytes) {
    return new Refusal(
        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
        "request body: more than %d bytes (expected: at most that)".formatted(maxBytes));
  }
}
