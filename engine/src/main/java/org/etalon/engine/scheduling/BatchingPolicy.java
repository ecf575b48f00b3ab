package org.etalon.engine.scheduling;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.ModelConfig;

/** How a model's requests are grouped and how many may wait. Immutable. */
final class BatchingPolicy {
  /** Where a configuration does not bound its queue: no queue is without a bound. */
  static final int DEFAULT_MAX_QUEUE_SIZE = 16_384;

  private final int maxRows;
  private final int[] preferredRows;
  private final long maxQueueDelayNanos;
  private final int maxQueueSize;

  private BatchingPolicy(
      int maxRows, int[] preferredRows, long maxQueueDelayNanos, int maxQueueSize) {
    this.maxRows = maxRows;
    this.preferredRows = preferredRows;
    this.maxQueueDelayNanos = maxQueueDelayNanos;
    this.maxQueueSize = maxQueueSize;
  }

  /** The policy that a configuration describes. */
  static BatchingPolicy of(ModelConfig config) {
    if (!config.hasDynamicBatching()) {
      return new BatchingPolicy(0, new int[0], 0, DEFAULT_MAX_QUEUE_SIZE);
    }
    var batching = config.getDynamicBatching();
    int[] preferred =
        batching.getPreferredBatchSizeList().stream().mapToInt(Integer::intValue).toArray();
    Arrays.sort(preferred);
    int configured = batching.getDefaultQueuePolicy().getMaxQueueSize();
    return new BatchingPolicy(
        config.getMaxBatchSize(),
        preferred,
        TimeUnit.MICROSECONDS.toNanos(batching.getMaxQueueDelayMicroseconds()),
        configured == 0 ? DEFAULT_MAX_QUEUE_SIZE : configured);
  }

  /** True if requests may share a batch. */
  boolean isBatching() {
    return maxRows > 0;
  }

  /** The largest batch. */
  int maxRows() {
    return maxRows;
  }

  /**
   * True if a batch of that size runs as soon as it is reached: a preferred size, or the largest.
   */
  boolean isPreferred(int rows) {
    return rows == maxRows || Arrays.binarySearch(preferredRows, rows) >= 0;
  }

  /** How long the oldest request may wait for its batch to reach such a size. */
  long maxQueueDelayNanos() {
    return maxQueueDelayNanos;
  }

  /** Requests that may wait; one more is rejected. */
  int maxQueueSize() {
    return maxQueueSize;
  }
}
