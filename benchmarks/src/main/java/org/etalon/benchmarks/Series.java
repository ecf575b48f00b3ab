package org.etalon.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one way took in every round, and what it answered. Owned by one thread. */
final class Series {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Way way;
  private final List<Double> rowsPerSecond = new ArrayList<>();
  private final List<Double> cpuMicrosPerRow = new ArrayList<>();
  private int passes;
  private int otherBytes;
  private int mostRowsDiffering;
  private float largestDifference;
  private float @Nullable [] first;

  Series(Way way) {
    this.way = way;
  }

  /**
   * Runs the data set some times without keeping the times.
   *
   * @param expected the scores of ONNX Runtime alone at the same batch size
   */
  void warmUp(int repeats, float[] expected) throws Exception {
    for (int i = 0; i < repeats; i++) {
      compare(way.pass(), expected);
    }
  }

  /** Runs the data set some times in a row: one entry of the series. */
  void measure(int repeats, float[] expected) throws Exception {
    List<float[]> answers = new ArrayList<>(repeats);
    long cpu = SYSTEM.getProcessCpuTime() + way.otherCpuNanos();
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      answers.add(way.pass());
    }
    double rows = (double) repeats * expected.length;
    rowsPerSecond.add(rows / (System.nanoTime() - start) * 1e9);
    cpuMicrosPerRow.add((SYSTEM.getProcessCpuTime() + way.otherCpuNanos() - cpu) / 1e3 / rows);
    for (float[] answer : answers) {
      compare(answer, expected);
    }
  }

  private void compare(float[] answer, float[] expected) {
    passes++;
    float[] reference = first == null ? answer : first;
    first = reference;
    if (!Arrays.equals(answer, reference)) {
      otherBytes++;
    }
    int differing = 0;
    for (int row = 0; row < expected.length; row++) {
      float difference = Math.abs(answer[row] - expected[row]);
      if (!(difference <= 1e-3f)) {
        throw new IllegalStateException(
            "%s: row %d is %s (expected: %s)"
                .formatted(way.name(), row, answer[row], expected[row]));
      }
      differing += difference == 0 ? 0 : 1;
      largestDifference = Math.max(largestDifference, difference);
    }
    mostRowsDiffering = Math.max(mostRowsDiffering, differing);
  }

  double medianRowsPerSecond() {
    return median(rowsPerSecond);
  }

  double medianCpuMicros() {
    return median(cpuMicrosPerRow);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** A line of the table of times. */
  String times(Series limit) {
    List<Double> sorted = rowsPerSecond.stream().sorted().toList();
    return "| %s | %,.0f | %,.0f to %,.0f | %.2f | %.2f | %.2f |"
        .formatted(
            way.name(),
            medianRowsPerSecond(),
            sorted.getFirst(),
            sorted.getLast(),
            medianCpuMicros(),
            medianRowsPerSecond() / limit.medianRowsPerSecond(),
            limit.medianCpuMicros() / medianCpuMicros());
  }

  /** A line of the table of answers. */
  String answers() {
    return "| %s | %d of %d | %,d | %.1e |"
        .formatted(way.name(), otherBytes, passes, mostRowsDiffering, largestDifference);
  }
}
