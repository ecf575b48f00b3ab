package org.etalon.engine.scheduling;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelSequenceBatching;

/**
 * How a model's sequences share its instances. Immutable.
 *
 * @param isDirect true if a sequence owns a row of the batch while it lives; else the sequences
 *     whose requests have waited longest run together, in any row
 * @param slots sequences that an instance holds at one time
 * @param maxRows of a batch
 * @param preferredRows sizes at which a batch runs at once, ascending
 * @param maxQueueDelayNanos how long a batch may go on filling
 * @param minSlotUtilization direct: the part of the slots that must have something to run, else the
 *     delay is waited for
 * @param idleNanos after which a sequence that sends nothing is dropped
 * @param keepsOrder true if answers go out in the order in which their requests were taken, over
 *     all sequences and instances; those of one sequence always do
 * @param maxWaiting requests that may wait, of all sequences together
 */
record SequencePolicy(
    boolean isDirect,
    int slots,
    int maxRows,
    List<Integer> preferredRows,
    long maxQueueDelayNanos,
    float minSlotUtilization,
    long idleNanos,
    boolean keepsOrder,
    int maxWaiting) {
  private static final long DEFAULT_IDLE_MICROSECONDS = 1_000_000;

  SequencePolicy {
    preferredRows = List.copyOf(preferredRows);
  }

  static SequencePolicy of(ModelConfig config) {
    ModelSequenceBatching batching = config.getSequenceBatching();
    int maxRows = Math.max(1, config.getMaxBatchSize());
    long idle =
        batching.getMaxSequenceIdleMicroseconds() == 0
            ? DEFAULT_IDLE_MICROSECONDS
            : batching.getMaxSequenceIdleMicroseconds();
    if (!batching.hasOldest()) {
      return new SequencePolicy(
          true,
          maxRows,
          maxRows,
          List.of(),
          TimeUnit.MICROSECONDS.toNanos(batching.getDirect().getMaxQueueDelayMicroseconds()),
          batching.getDirect().getMinimumSlotUtilization(),
          TimeUnit.MICROSECONDS.toNanos(idle),
          false,
          QueuePolicy.DEFAULT_MAX_SIZE);
    }
    var oldest = batching.getOldest();
    return new SequencePolicy(
        false,
        oldest.getMaxCandidateSequences() == 0 ? maxRows : oldest.getMaxCandidateSequences(),
        maxRows,
        oldest.getPreferredBatchSizeList().stream().sorted().toList(),
        TimeUnit.MICROSECONDS.toNanos(oldest.getMaxQueueDelayMicroseconds()),
        0,
        TimeUnit.MICROSECONDS.toNanos(idle),
        oldest.getPreserveOrdering(),
        QueuePolicy.DEFAULT_MAX_SIZE);
  }

  /** True if a batch of that size runs although it could grow. */
  boolean isEnough(int rows) {
    return rows == maxRows || preferredRows.contains(rows);
  }
}
