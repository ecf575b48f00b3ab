package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelQueuePolicy;

/** How a model's requests are grouped, which go first and how many may wait. Immutable. */
final class BatchingPolicy {
  private final int maxRows;
  private final int[] preferredRows;
  private final long maxQueueDelayNanos;
  private final boolean keepsOrder;
  private final List<QueuePolicy> levels;
  private final int defaultLevel;

  private BatchingPolicy(int maxRows, ModelDynamicBatching batching) {
    this.maxRows = maxRows;
    this.preferredRows =
        batching.getPreferredBatchSizeList().stream().mapToInt(Integer::intValue).toArray();
    Arrays.sort(preferredRows);
    this.maxQueueDelayNanos =
        TimeUnit.MICROSECONDS.toNanos(batching.getMaxQueueDelayMicroseconds());
    this.keepsOrder = batching.getPreserveOrdering();
    this.levels = levels(batching);
    this.defaultLevel = Math.max(0, (int) batching.getDefaultPriorityLevel() - 1);
  }

  /** The policy that a configuration describes. */
  static BatchingPolicy of(ModelConfig config) {
    return config.hasDynamicBatching()
        ? new BatchingPolicy(config.getMaxBatchSize(), config.getDynamicBatching())
        : new BatchingPolicy(0, ModelDynamicBatching.getDefaultInstance());
  }

  private static List<QueuePolicy> levels(ModelDynamicBatching batching) {
    ModelQueuePolicy standard = batching.getDefaultQueuePolicy();
    List<QueuePolicy> levels = new ArrayList<>();
    for (long level = 1; level <= Math.max(1, batching.getPriorityLevels()); level++) {
      levels.add(QueuePolicy.of(batching.getPriorityQueuePolicyOrDefault(level, standard)));
    }
    return List.copyOf(levels);
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

  /** The least size for which that is so. */
  int leastPreferredRows() {
    return preferredRows.length == 0 ? maxRows : preferredRows[0];
  }

  /** How long the oldest request may wait for its batch to reach such a size. */
  long maxQueueDelayNanos() {
    return maxQueueDelayNanos;
  }

  /** True if answers go out in the order in which the requests were taken. */
  boolean keepsOrder() {
    return keepsOrder;
  }

  /** How each priority level waits, the highest first. */
  List<QueuePolicy> levels() {
    return levels;
  }

  /** The index of a request's level: the default one where it asks for none that there is. */
  int levelOf(PendingRequest request) {
    OptionalLong priority = request.request().priority();
    if (priority.isEmpty()) {
      return defaultLevel;
    }
    long asked = priority.getAsLong();
    return asked >= 1 && asked <= levels.size() ? (int) asked - 1 : defaultLevel;
  }
}
