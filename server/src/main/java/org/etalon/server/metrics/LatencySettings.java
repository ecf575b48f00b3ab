package org.etalon.server.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.etalon.inference.NearestName;

/**
 * Which of the protocol's metrics of latency there are. Etalon's own histograms always are.
 *
 * @param withCounters whether times are added up, {@code nv_..._duration_us}
 * @param withFirstResponses whether decoupled models have a histogram of the time to their first
 *     response
 * @param quantiles of the summaries over the last minute, each above 0 and below 1; none: no
 *     summaries
 */
public record LatencySettings(
    boolean withCounters, boolean withFirstResponses, List<Double> quantiles) {
  /** Counters alone. */
  public static final LatencySettings DEFAULT = new LatencySettings(true, false, List.of());

  private static final List<Double> DEFAULT_QUANTILES = List.of(0.5, 0.9, 0.95, 0.99, 0.999);
  private static final String COUNTERS = "counter_latencies";
  private static final String HISTOGRAMS = "histogram_latencies";
  private static final String SUMMARIES = "summary_latencies";
  private static final String QUANTILES = "summary_quantiles";
  private static final List<String> KEYS = List.of(COUNTERS, HISTOGRAMS, SUMMARIES, QUANTILES);

  public LatencySettings {
    quantiles = List.copyOf(quantiles);
    for (double quantile : quantiles) {
      if (!(quantile > 0 && quantile < 1)) {
        throw new IllegalArgumentException(
            "%s: %s (expected: each above 0 and below 1)".formatted(QUANTILES, quantile));
      }
    }
  }

  /**
   * Reads the settings as {@code --metrics-config} gives them. The error allowed to a quantile, as
   * in {@code 0.99:0.001}, is read and not needed.
   *
   * @throws IllegalArgumentException every fault at once
   */
  public static LatencySettings parse(Map<String, String> settings) {
    List<String> faults = new ArrayList<>();
    boolean withCounters = true;
    boolean withFirstResponses = false;
    boolean withSummaries = false;
    List<Double> quantiles = DEFAULT_QUANTILES;
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String value = setting.getValue();
      switch (setting.getKey()) {
        case COUNTERS -> withCounters = bool(COUNTERS, value, faults);
        case HISTOGRAMS -> withFirstResponses = bool(HISTOGRAMS, value, faults);
        case SUMMARIES -> withSummaries = bool(SUMMARIES, value, faults);
        case QUANTILES -> quantiles = quantiles(value, faults);
        default -> faults.add(unknown(setting.getKey()));
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("--metrics-config " + String.join("; ", faults));
    }
    return new LatencySettings(
        withCounters, withFirstResponses, withSummaries ? quantiles : List.of());
  }

  private static String unknown(String key) {
    return "%s: unknown (expected: one of %s; nearest: %s)"
        .formatted(key, KEYS, NearestName.of(key, KEYS));
  }

  private static boolean bool(String key, String value, List<String> faults) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> {
        faults.add("%s: '%s' (expected: true or false)".formatted(key, value));
        yield false;
      }
    };
  }

  private static List<Double> quantiles(String value, List<String> faults) {
    List<Double> quantiles = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      int colon = part.indexOf(':');
      String number = colon < 0 ? part : part.substring(0, colon);
      try {
        double quantile = Double.parseDouble(number.strip());
        if (!(quantile > 0 && quantile < 1)) {
          throw new NumberFormatException(number);
        }
        quantiles.add(quantile);
      } catch (NumberFormatException e) {
        faults.add(
            "%s: '%s' (expected: such as 0.5:0.05,0.99:0.001, each above 0 and below 1)"
                .formatted(QUANTILES, value));
        return quantiles;
      }
    }
    return quantiles;
  }
}
