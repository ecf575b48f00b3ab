package org.etalon.backends.streaming;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.etalon.inference.NearestName;

/** The operators there are, by the name that the parameter {@code operator} has. */
enum OperatorKind {
  SNAPSHOTTER,
  AGGREGATOR,
  WHITENER,
  SUBTRACTOR;

  static OperatorKind of(OperatorSettings settings) {
    String name = settings.text("operator", "");
    List<String> known = Arrays.stream(values()).map(OperatorKind::label).toList();
    for (OperatorKind kind : values()) {
      if (kind.label().equals(name)) {
        return kind;
      }
    }
    throw settings.refused(
        "operator",
        "'%s' (expected: one of %s%s)"
            .formatted(
                name,
                known,
                NearestName.close(name, known)
                    .map(near -> "; did you mean '" + near + "'?")
                    .orElse("")));
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * An operator at the start of a stream.
   *
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if settings are wrong
   */
  Operator open(OperatorSettings settings) {
    try {
      return switch (this) {
        case SNAPSHOTTER -> SnapshotterOperator.open(settings);
        case AGGREGATOR -> AggregatorOperator.open(settings);
        case WHITENER -> WhitenerOperator.open(settings);
        case SUBTRACTOR -> SubtractorOperator.open(settings);
      };
    } catch (IllegalArgumentException e) {
      throw settings.refused("parameters", String.valueOf(e.getMessage()));
    }
  }
}
