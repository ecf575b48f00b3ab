package org.etalon.protocol.wire;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request that the protocol reserves. They become fields of the request; all
 * others stay parameters, for the model.
 */
public final class ReservedParameters {
  private static final String SEQUENCE_ID = "sequence_id";
  private static final String SEQUENCE_START = "sequence_start";
  private static final String SEQUENCE_END = "sequence_end";
  private static final String PRIORITY = "priority";
  private static final String TIMEOUT = "timeout";

  private ReservedParameters() {}

  /**
   * Hands parameters to a request. The protocol's 0 and empty text, which stand for "none", become
   * absent fields.
   *
   * @param parameters modifiable; what the protocol reserves is taken out
   * @throws ServingException INVALID_ARGUMENT if a reserved parameter is of the wrong form or out
   *     of range
   */
  public static void apply(Map<String, Parameter> parameters, InferenceRequest.Builder request) {
    Sequence.@Nullable Id sequence = sequenceId(parameters.remove(SEQUENCE_ID));
    boolean isStart = flag(SEQUENCE_START, parameters.remove(SEQUENCE_START));
    boolean isEnd = flag(SEQUENCE_END, parameters.remove(SEQUENCE_END));
    if (sequence != null) {
      request.sequence(new Sequence(sequence, isStart, isEnd));
    }
    long priority = count(PRIORITY, parameters.remove(PRIORITY));
    if (priority != 0) {
      request.priority(priority);
    }
    long timeoutMicros = count(TIMEOUT, parameters.remove(TIMEOUT));
    if (timeoutMicros != 0) {
      request.queueTimeout(Duration.of(timeoutMicros, ChronoUnit.MICROS));
    }
    request.parameters(parameters);
  }

  private static Sequence.@Nullable Id sequenceId(@Nullable Parameter value) {
    return switch (value) {
      case null -> null;
      case Parameter.Int64(long id) -> id == 0 ? null : new Sequence.Id.Number(id);
      case Parameter.Uint64(long id) -> id == 0 ? null : new Sequence.Id.Number(id);
      case Parameter.Text(String id) -> id.isEmpty() ? null : textId(id);
      case Parameter.Bool _, Parameter.Real _ ->
          throw wrongForm(SEQUENCE_ID, value, "int64, uint64 or string");
    };
  }

  private static Sequence.Id textId(String id) {
    try {
      return new Sequence.Id.Text(id);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("parameter '" + SEQUENCE_ID + "': " + e.getMessage());
    }
  }

  private static boolean flag(String key, @Nullable Parameter value) {
    return switch (value) {
      case null -> false;
      case Parameter.Bool(boolean flag) -> flag;
      case Parameter.Int64 _, Parameter.Uint64 _, Parameter.Text _, Parameter.Real _ ->
          throw wrongForm(key, value, "bool");
    };
  }

  /** A number from 0; one that does not fit 63 bits is as good as the largest that does. */
  private static long count(String key, @Nullable Parameter value) {
    return switch (value) {
      case null -> 0;
      case Parameter.Uint64(long count) -> count < 0 ? Long.MAX_VALUE : count;
      case Parameter.Int64(long count) when count >= 0 -> count;
      case Parameter.Int64 _, Parameter.Bool _, Parameter.Text _, Parameter.Real _ ->
          throw wrongForm(key, value, "a whole number, 0 or more");
    };
  }

  private static ServingException wrongForm(String key, Parameter value, String expected) {
    return ServingException.invalid(
        "parameter '%s': %s (expected: %s)".formatted(key, value, expected));
  }
}
