package org.etalon.engine.scheduling;

import org.etalon.engine.status.LatencyBuckets;
import org.etalon.engine.status.LatencyHistogram;
import org.etalon.engine.status.ModelStatistics.Total;

/** Counts and adds up latencies. Guarded by its owner; adding allocates nothing. */
final class LatencySum {
  private final long[] counts = new long[LatencyBuckets.COUNT];
  private long count;
  private long nanos;

  void add(long more) {
    add(more, 1);
  }

  /** Adds a latency that so many had in common. */
  void add(long each, int times) {
    counts[LatencyBuckets.indexOf(each)] += times;
    count += times;
    nanos += each * times;
  }

  Total total() {
    return new Total(count, nanos);
  }

  LatencyHistogram histogram() {
    return LatencyHistogram.of(counts, nanos);
  }
}
