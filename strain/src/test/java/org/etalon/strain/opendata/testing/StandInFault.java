package org.etalon.strain.opendata.testing;

import java.util.Map;

/** What a stand-in server does wrong, instead of answering. */
public sealed interface StandInFault {
  /** Answers with this status and headers, and a page of HTML. */
  record Status(int code, Map<String, String> headers) implements StandInFault {
    public Status {
      headers = Map.copyOf(headers);
    }

    /** Without headers. */
    public static Status of(int code) {
      return new Status(code, Map.of());
    }
  }

  /** Answers with another body. */
  record Body(String text) implements StandInFault {}

  /** Sends this many bytes of the right answer and closes the connection. */
  record Cut(int afterBytes) implements StandInFault {}

  /**
   * Sends this many bytes of the right answer, and then nothing for as long as the server lives.
   */
  record Stall(int afterBytes) implements StandInFault {}
}
