package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.engine.status.ModelStatistics.Total;

/**
 * Counts what a version does. Thread-safe, guarded by itself: one update a batch, one a failure.
 */
final class VersionStatistics {
  private final Sum success = new Sum();
  private final Sum queue = new Sum();
  private final Sum computeInput = new Sum();
  private final Sum computeInfer = new Sum();
  private final Sum computeOutput = new Sum();
  private final Map<FailureReason, Sum> failures = new EnumMap<>(FailureReason.class);
  private final Map<Integer, BatchSums> batches = new TreeMap<>();
  private long inferenceCount;
  private long executionCount;
  private long lastInferenceMillis = -1;

  VersionStatistics() {
    for (FailureReason reason : FailureReason.values()) {
      failures.put(reason, new Sum());
    }
  }

  /** When the stages of a batch began and ended, on {@link System#nanoTime}'s clock. */
  record BatchTimes(long taken, long gathered, long executed, long scattered) {}

  /** A batch that was answered. */
  synchronized void answered(List<PendingRequest> batch, int rows, BatchTimes times) {
    long inputNanos = times.gathered() - times.taken();
    long inferNanos = times.executed() - times.gathered();
    long outputNanos = times.scattered() - times.executed();
    int asked = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).isPlaceholder()) {
        continue;
      }
      asked += batch.get(i).rows();
      long arrival = batch.get(i).arrivalNanos();
      success.add(times.scattered() - arrival);
      queue.add(times.taken() - arrival);
      computeInput.add(inputNanos);
      computeInfer.add(inferNanos);
      computeOutput.add(outputNanos);
    }
    BatchSums sums = batches.computeIfAbsent(rows, _ -> new BatchSums());
    sums.input.add(inputNanos);
    sums.infer.add(inferNanos);
    sums.output.add(outputNanos);
    inferenceCount += asked;
    executionCount++;
    lastInferenceMillis = System.currentTimeMillis();
  }

  /** A request that failed after that time. */
  synchronized void failed(FailureReason reason, long nanos) {
    Sum sum = failures.get(reason);
    if (sum != null) {
      sum.add(nanos);
    }
  }

  synchronized ModelStatistics snapshot(String model, long version, int pendingRequests) {
    Map<FailureReason, Total> failed = new EnumMap<>(FailureReason.class);
    failures.forEach((reason, sum) -> failed.put(reason, sum.total()));
    List<ModelStatistics.BatchSize> sizes = new ArrayList<>(batches.size());
    batches.forEach((rows, sums) ->
        sizes.add(
            new ModelStatistics.BatchSize(
                rows, sums.input.total(), sums.infer.total(), sums.output.total())));
    return new ModelStatistics(
        model,
        version,
        lastInferenceMillis < 0 ? OptionalLong.empty() : OptionalLong.of(lastInferenceMillis),
        inferenceCount,
        executionCount,
        success.total(),
        failed,
        queue.total(),
        computeInput.total(),
        computeInfer.total(),
        computeOutput.total(),
        sizes,
        pendingRequests);
  }

  private static final class Sum {
    private long count;
    private long nanos;

    void add(long more) {
      count++;
      nanos += more;
    }

    Total total() {
      return new Total(count, nanos);
    }
  }

  private static final class BatchSums {
    private final Sum input = new Sum();
    private final Sum infer = new Sum();
    private final Sum output = new Sum();
  }
}
