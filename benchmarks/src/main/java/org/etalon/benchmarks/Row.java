package org.etalon.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What one load cost in every round. Owned by one thread. */
final class Row {
  private final String name;
  private final double targetMicros;
  private final List<Double> cpuMicros = new ArrayList<>();
  private final List<Double> rates = new ArrayList<>();
  private final List<Double> millis = new ArrayList<>();

  /**
   * @param targetMicros what the CPU time a request may be, on the machine that the target is meant
   *     for
   */
  Row(String name, double targetMicros) {
    this.name = name;
    this.targetMicros = targetMicros;
  }

  /** A round's figures: CPU time a request, requests a second, the median request's time. */
  void add(double micros, double requestsPerSecond, double medianMillis) {
    cpuMicros.add(micros);
    rates.add(requestsPerSecond);
    millis.add(medianMillis);
  }

  String name() {
    return name;
  }

  double medianRate() {
    return median(rates);
  }

  static String header() {
    return """

    | | server CPU, us a request | of ONNX Runtime alone | asked | requests/s | p50, ms |
    |---|--:|--:|--:|--:|--:|\
    """;
  }

  /**
   * A line of the table.
   *
   * @param limitMicros what ONNX Runtime alone took here
   * @param referenceMicros what it takes on the machine that the targets are meant for
   */
  String line(double limitMicros, double referenceMicros) {
    double[] sorted = sorted(cpuMicros);
    return String.format(
        Locale.ROOT,
        "| %s | %.1f (%.1f to %.1f) | %.2f | %.1f | %,.0f | %.2f |",
        name,
        median(cpuMicros),
        sorted[0],
        sorted[sorted.length - 1],
        median(cpuMicros) / limitMicros,
        targetMicros / referenceMicros,
        median(rates),
        median(millis));
  }

  static double median(List<Double> values) {
    double[] sorted = sorted(values);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
