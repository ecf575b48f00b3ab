package org.etalon.engine.config;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.etalon.inference.NearestName;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelParameter;

/**
 * What a new version of a model has to keep to, from the parameters {@code promotion.*} of its
 * configuration.
 *
 * @param data the folder in the model's own with the rows that both versions answer
 * @param maxShift how far an output's value may be from that of the version in production
 * @param p99Shift how far all but one in a hundred of these may be
 * @param batchSize rows of the requests whose latency is measured
 * @param p50Ms what half of these may take at most, in milliseconds
 * @param p99Ms what all but one in a hundred of these may take at most, in milliseconds
 * @param maxErrorRate how many of a canary's requests may fail, of 1
 * @param canaryP99Ms what all but one in a hundred of a canary's requests may take at most, waiting
 *     included, in milliseconds
 */
public record PromotionLimits(
    String data,
    OptionalDouble maxShift,
    OptionalDouble p99Shift,
    int batchSize,
    OptionalDouble p50Ms,
    OptionalDouble p99Ms,
    double maxErrorRate,
    OptionalDouble canaryP99Ms) {
  private static final String PREFIX = "promotion.";
  private static final String DATA = PREFIX + "data";
  private static final String MAX_SHIFT = PREFIX + "max_shift";
  private static final String P99_SHIFT = PREFIX + "p99_shift";
  private static final String BATCH_SIZE = PREFIX + "batch_size";
  private static final String P50_MS = PREFIX + "p50_ms";
  private static final String P99_MS = PREFIX + "p99_ms";
  private static final String MAX_ERROR_RATE = PREFIX + "max_error_rate";
  private static final String CANARY_P99_MS = PREFIX + "canary_p99_ms";
  private static final TreeSet<String> NUMBERS =
      new TreeSet<>(
          List.of(MAX_SHIFT, P99_SHIFT, BATCH_SIZE, P50_MS, P99_MS, MAX_ERROR_RATE, CANARY_P99_MS));
  private static final double DEFAULT_ERROR_RATE = 0.01;

  /** Of a configuration without faults. */
  public static PromotionLimits of(ModelConfig config) {
    return new PromotionLimits(
        text(config, DATA, "reference"),
        number(config, MAX_SHIFT),
        number(config, P99_SHIFT),
        (int) number(config, BATCH_SIZE).orElse(1),
        number(config, P50_MS),
        number(config, P99_MS),
        number(config, MAX_ERROR_RATE).orElse(DEFAULT_ERROR_RATE),
        number(config, CANARY_P99_MS));
  }

  /** True if outputs have to be compared with those of the version in production. */
  public boolean isShiftLimited() {
    return maxShift.isPresent() || p99Shift.isPresent();
  }

  static void check(ModelConfig config, FaultList faults) {
    for (Map.Entry<String, ModelParameter> entry : config.getParametersMap().entrySet()) {
      String name = entry.getKey();
      String value = entry.getValue().getStringValue();
      String path = "parameters[\"%s\"]".formatted(name);
      if (NUMBERS.contains(name)) {
        if (!isLimit(name, value)) {
          faults.add(path, "'%s' (expected: %s)".formatted(value, expected(name)));
        }
      } else if (name.equals(DATA)) {
        if (value.isEmpty() || value.contains("/") || value.contains("..")) {
          faults.add(path, "'%s' (expected: a folder in the model's own)".formatted(value));
        }
      } else if (name.startsWith(PREFIX)) {
        TreeSet<String> known = new TreeSet<>(NUMBERS);
        known.add(DATA);
        faults.add(path, "not known (expected: %s)".formatted(NearestName.of(name, known)));
      }
    }
  }

  private static boolean isLimit(String name, String value) {
    double number = parse(value);
    return switch (name) {
      case BATCH_SIZE -> number >= 1 && number == Math.rint(number) && number <= Integer.MAX_VALUE;
      case MAX_ERROR_RATE -> number >= 0 && number <= 1;
      default -> number >= 0 && !Double.isInfinite(number);
    };
  }

  private static String expected(String name) {
    return switch (name) {
      case BATCH_SIZE -> "a whole number of 1 or more";
      case MAX_ERROR_RATE -> "a number from 0 to 1";
      default -> "a number of 0 or more";
    };
  }

  private static String text(ModelConfig config, String name, String otherwise) {
    return config.containsParameters(name)
        ? config.getParametersOrThrow(name).getStringValue()
        : otherwise;
  }

  private static OptionalDouble number(ModelConfig config, String name) {
    return config.containsParameters(name)
        ? OptionalDouble.of(parse(text(config, name, "")))
        : OptionalDouble.empty();
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
