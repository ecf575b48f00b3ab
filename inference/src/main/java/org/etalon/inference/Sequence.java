package org.etalon.inference;

import java.nio.charset.StandardCharsets;

/**
 * A request's place in a sequence of requests to a model that keeps state between them.
 *
 * @param id the sequence's correlation id
 * @param isStart true on the first request
 * @param isEnd true on the last
 */
public record Sequence(Id id, boolean isStart, boolean isEnd) {
  /** A correlation id: a number or a text, as the protocol allows. */
  public sealed interface Id {
    /** An unsigned number, not 0. */
    record Number(long value) implements Id {
      public Number {
        if (value == 0) {
          throw new IllegalArgumentException("sequence id: 0 (expected: a number above 0)");
        }
      }
    }

    /** A text of 1 to 128 bytes in UTF-8. */
    record Text(String value) implements Id {
      private static final int MAX_BYTES = 128;

      public Text {
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_BYTES) {
          throw new IllegalArgumentException(
              "sequence id: %d bytes (expected: 1 to %d)".formatted(bytes, MAX_BYTES));
        }
      }
    }
  }
}
