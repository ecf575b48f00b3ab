package org.etalon.engine.config;

import org.etalon.protocol.proto.ModelConfig;

/** The parameter {@code tolerance}: how far an output may be from the model's reference. */
final class ReferenceTolerance {
  static final String PARAMETER = "tolerance";
  private static final double DEFAULT = 1e-4;

  private ReferenceTolerance() {}

  static void check(ModelConfig config, FaultList faults) {
    if (!config.containsParameters(PARAMETER)) {
      return;
    }
    String given = config.getParametersOrThrow(PARAMETER).getStringValue();
    double value = parse(given);
    if (!(value >= 0) || Double.isInfinite(value)) {
      faults.add(
          "parameters[\"%s\"]".formatted(PARAMETER),
          "'%s' (expected: a number of 0 or more)".formatted(given));
    }
  }

  static double of(ModelConfig config) {
    return config.containsParameters(PARAMETER)
        ? parse(config.getParametersOrThrow(PARAMETER).getStringValue())
        : DEFAULT;
  }

  /** NaN for what is no number. */
  private static double parse(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException _) {
      return Double.NaN;
    }
  }
}
