package org.etalon.server.metrics;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.etalon.engine.status.BatchReason;
import org.etalon.engine.status.BatchSizes;
import org.etalon.engine.status.LatencyBuckets;
import org.etalon.engine.status.LatencyHistogram;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.engine.status.ModelStatistics.Total;
import org.etalon.engine.status.StageLatencies;

/** What there is to tell of, in tests. */
final class Samples {
  static final Machine MACHINE = new Machine(OptionalDouble.of(0.25), 1000, 400);

  static final Gpu GPU =
      new Gpu(
          "GPU-1",
          "NVIDIA H200",
          OptionalDouble.of(0.5),
          OptionalDouble.of(70.25),
          OptionalDouble.of(700),
          OptionalDouble.empty(),
          OptionalLong.of(1 << 30),
          OptionalLong.of(1 << 20));

  private Samples() {}

  /** The version 2 of a model whose requests took so long. */
  static ModelStatistics model(String name, StageLatencies latencies) {
    return new ModelStatistics(
        name,
        2,
        OptionalLong.empty(),
        40,
        5,
        new Total(10, 12_345_678),
        Map.of(FailureReason.REJECTED, new Total(3, 1)),
        new Total(10, 1_999),
        new Total(10, 2_000),
        new Total(10, 3_000),
        new Total(10, 4_000),
        List.of(),
        Map.of(BatchReason.DELAY, batches(1, 3, 16)),
        Optional.empty(),
        7,
        latencies,
        Duration.ofMillis(1500),
        List.of(),
        List.of(),
        LatencyHistogram.EMPTY);
  }

  /** Batches of such sizes. */
  static BatchSizes batches(int... rows) {
    Long[] counts = new Long[BatchSizes.BOUNDS + 1];
    Arrays.fill(counts, 0L);
    for (int size : rows) {
      counts[BatchSizes.indexOf(size)]++;
    }
    return new BatchSizes(List.of(counts), Arrays.stream(rows).sum());
  }

  /** Requests that took so long, all of it in the model. */
  static StageLatencies latencies(long... nanos) {
    long[] counts = new long[LatencyBuckets.COUNT];
    long sum = 0;
    for (long each : nanos) {
      counts[LatencyBuckets.indexOf(each)]++;
      sum += each;
    }
    LatencyHistogram seen = LatencyHistogram.of(counts, sum);
    return new StageLatencies(
        seen, LatencyHistogram.EMPTY, LatencyHistogram.EMPTY, seen, LatencyHistogram.EMPTY);
  }

  static MetricsSource source(
      MetricsConfig config, Supplier<List<ModelStatistics>> models, LongSupplier clock) {
    SortedMap<String, Integer> connections = new TreeMap<>(Map.of("http", 3, "grpc", 1));
    var sensors =
        new MetricsSource.Sensors(
            models, List::of, () -> connections, () -> MACHINE, Optional.of(() -> List.of(GPU)));
    return new MetricsSource(config, sensors, clock);
  }
}
