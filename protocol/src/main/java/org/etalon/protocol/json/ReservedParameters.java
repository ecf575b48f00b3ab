package org.etalon.protocol.json;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** The request parameters that have a field of their own in {@link InferenceRequest}. */
final class ReservedParameters {
  private static final String SEQUENCE_ID = "sequence_id";
  private static final String SEQUENCE_START = "sequence_start";
  private static final String SEQUENCE_END = "sequence_end";
  private static final String PRIORITY = "priority";
  private static final String TIMEOUT = "timeout";

  private ReservedParameters() {}

  /** Moves them from {@code parameters} into {@code request}; 0 and an empty text mean none. */
  static void take(Map<String, Parameter> parameters, InferenceRequest.Builder request) {
    if (parameters.isEmpty()) {
      return;
    }
    Sequence.Id sequence = sequenceId(parameters.remove(SEQUENCE_ID));
    boolean isStart = flag(parameters.remove(SEQUENCE_START), SEQUENCE_START);
    boolean isEnd = flag(parameters.remove(SEQUENCE_END), SEQUENCE_END);
    if (sequence != null) {
      request.sequence(new Sequence(sequence, isStart, isEnd));
    }
    long priority = number(parameters.remove(PRIORITY), PRIORITY);
    if (priority != 0) {
      request.priority(priority);
    }
    long timeout = number(parameters.remove(TIMEOUT), TIMEOUT);
    if (timeout != 0) {
      request.queueTimeout(Duration.of(clampUnsigned(timeout), ChronoUnit.MICROS));
    }
  }

  private static Sequence.@Nullable Id sequenceId(@Nullable Parameter given) {
    return switch (given) {
      case null -> null;
      case Parameter.Text(String id) -> id.isEmpty() ? null : textId(id);
      case Parameter.Int64 _, Parameter.Uint64 _ -> {
        long id = number(given, SEQUENCE_ID);
        yield id == 0 ? null : new Sequence.Id.Number(id);
      }
      case Parameter.Bool _, Parameter.Real _ ->
          throw wrongKind(SEQUENCE_ID, "a whole number or a text");
    };
  }

  private static Sequence.Id textId(String id) {
    try {
      return new Sequence.Id.Text(id);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("request parameter 'sequence_id': " + e.getMessage());
    }
  }

  private static boolean flag(@Nullable Parameter given, String name) {
    return switch (given) {
      case null -> false;
      case Parameter.Bool(boolean value) -> value;
      default -> throw wrongKind(name, "true or false");
    };
  }

  /** An unsigned number; 0 if not given. */
  private static long number(@Nullable Parameter given, String name) {
    return switch (given) {
      case null -> 0;
      case Parameter.Uint64(long value) -> value;
      case Parameter.Int64(long value) when value >= 0 -> value;
      default -> throw wrongKind(name, "a whole number, 0 or more");
    };
  }

  private static long clampUnsigned(long value) {
    return value < 0 ? Long.MAX_VALUE : value;
  }

  static ServingException wrongKind(String name, String expected) {
    return ServingException.invalid(
        "request JSON: parameter '%s' is of another kind (expected: %s)".formatted(name, expected));
  }
}
