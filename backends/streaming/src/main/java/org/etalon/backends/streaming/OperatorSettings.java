package org.etalon.backends.streaming;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.inference.NearestName;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;

/**
 * The parameters of a model that is an operator. Reading one that has no default and is not there,
 * or is of the wrong form, refuses the model by name. Owned by the thread that loads the model
 * until it is loaded, and only read from then on.
 */
final class OperatorSettings {
  /** Those that the engine reads, and those that tell clients of the stream. */
  private static final Set<String> NOT_OURS =
      Set.of(
          "tolerance",
          ConfigCompletion.MEMORY,
          ConfigCompletion.ALIGNMENT,
          ConfigCompletion.LATENCY,
          ConfigCompletion.INPUT_PER_OUTPUT);

  private final String model;
  private final ModelConfig config;
  private final Set<String> known = new HashSet<>(NOT_OURS);

  OperatorSettings(String model, ModelConfig config) {
    this.model = model;
    this.config = config;
  }

  String text(String key, String otherwise) {
    String value = raw(key);
    return value.isEmpty() ? otherwise : value;
  }

  int whole(String key) {
    requireGiven(key);
    return whole(key, 0);
  }

  int whole(String key, int otherwise) {
    String value = raw(key);
    try {
      return value.isEmpty() ? otherwise : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw refused(key, "'%s' (expected: a whole number)".formatted(value));
    }
  }

  double real(String key, double otherwise) {
    String value = raw(key);
    try {
      return value.isEmpty() ? otherwise : Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw refused(key, "'%s' (expected: a number)".formatted(value));
    }
  }

  /** Names between commas. */
  List<String> names(String key) {
    List<String> names = new ArrayList<>();
    for (String name : raw(key).split(",", -1)) {
      if (!name.isBlank()) {
        names.add(name.strip());
      }
    }
    return List.copyOf(names);
  }

  /** The datatype of an input that may be of single or double precision, FP64 if none is given. */
  DataType precision(int input) {
    if (config.getInputCount() <= input) {
      return DataType.TYPE_FP64;
    }
    DataType given = config.getInput(input).getDataType();
    return switch (given) {
      case TYPE_FP32, TYPE_FP64 -> given;
      case TYPE_INVALID -> DataType.TYPE_FP64;
      default ->
          throw refused(
              "input '%s'".formatted(config.getInput(input).getName()),
              "%s (expected: TYPE_FP32 or TYPE_FP64)".formatted(given));
    };
  }

  private String raw(String key) {
    known.add(key);
    return config
        .getParametersOrDefault(key, org.etalon.protocol.proto.ModelParameter.getDefaultInstance())
        .getStringValue()
        .strip();
  }

  private void requireGiven(String key) {
    if (raw(key).isEmpty()) {
      throw refused(
          key,
          "not given (expected: parameters { key: \"%s\" value: { string_value: \"...\" } })"
              .formatted(key));
    }
  }

  /** Refuses parameters that the operator has not asked for. */
  void requireNothingElse() {
    for (String key : new TreeSet<>(config.getParametersMap().keySet())) {
      if (!known.contains(key)) {
        throw refused(
            key,
            "unknown parameter (nearest known: '%s'; known: %s)"
                .formatted(NearestName.of(key, known), new TreeSet<>(known)));
      }
    }
  }

  ServingException refused(String key, String why) {
    return ServingException.invalid(
        "model '%s', backend 'streaming': %s: %s".formatted(model, key, why));
  }
}
