package org.etalon.engine.scheduling;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.engine.status.BatchReason;
import org.etalon.engine.status.BatchSizes;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.engine.status.ModelStatistics.Total;
import org.etalon.engine.status.StageLatencies;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a version does. Thread-safe, guarded by itself: one update a batch, one a failure.
 */
final class VersionStatistics {
  /** Answers of a request that are counted apart: a request may have any number. */
  private static final int MAX_RESPONSE_INDEX = 1_000;

  private final LatencySum success = new LatencySum();
  private final LatencySum queue = new LatencySum();
  private final LatencySum computeInput = new LatencySum();
  private final LatencySum computeInfer = new LatencySum();
  private final LatencySum computeOutput = new LatencySum();
  private final Map<FailureReason, Sum> failures = new EnumMap<>(FailureReason.class);

  /** By the number of rows, as far as batches have come. */
  private @Nullable BatchSums[] batches = new BatchSums[0];

  private final Map<BatchReason, SizeSums> sizes = new EnumMap<>(BatchReason.class);

  /** Of a decoupled model, by the answer's index. */
  private final List<ResponseSums> responses = new ArrayList<>(0);

  private final LatencySum firstResponse = new LatencySum();
  private List<String> stepLabels = List.of();
  private Sum[] steps = new Sum[0];

  private final Sum cacheHits = new Sum();
  private final Sum cacheMisses = new Sum();
  private long inferenceCount;
  private long executionCount;
  private long lastInferenceMillis = -1;
  private Duration loadTime = Duration.ZERO;

  VersionStatistics() {
    for (FailureReason reason : FailureReason.values()) {
      failures.put(reason, new Sum());
    }
  }

  /** When the stages of a batch began and ended, on {@link System#nanoTime}'s clock. */
  record BatchTimes(long taken, long gathered, long executed, long scattered) {}

  /** A batch that was answered. */
  synchronized void answered(ScheduledBatch scheduled, int rows, BatchTimes times) {
    List<PendingRequest> batch = scheduled.requests();
    sizes.computeIfAbsent(scheduled.reason(), _ -> new SizeSums()).add(rows);
    long inputNanos = times.gathered() - times.taken();
    long inferNanos = times.executed() - times.gathered();
    long outputNanos = times.scattered() - times.executed();
    int requests = 0;
    int asked = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).isPlaceholder()) {
        continue;
      }
      requests++;
      asked += batch.get(i).rows();
      long arrival = batch.get(i).arrivalNanos();
      success.add(times.scattered() - arrival);
      queue.add(times.taken() - arrival);
    }
    computeInput.add(inputNanos, requests);
    computeInfer.add(inferNanos, requests);
    computeOutput.add(outputNanos, requests);
    BatchSums sums = batchesOf(rows);
    sums.input.add(inputNanos);
    sums.infer.add(inferNanos);
    sums.output.add(outputNanos);
    inferenceCount += asked;
    executionCount++;
    lastInferenceMillis = System.currentTimeMillis();
  }

  private BatchSums batchesOf(int rows) {
    if (rows >= batches.length) {
      batches = Arrays.copyOf(batches, rows + 1);
    }
    BatchSums sums = batches[rows];
    if (sums == null) {
      sums = new BatchSums();
      batches[rows] = sums;
    }
    return sums;
  }

  /** A decoupled model took requests. */
  synchronized void begun() {
    executionCount++;
  }

  /**
   * A decoupled model gave an answer to a request.
   *
   * @param index of the answer, from 0; those behind the last that is counted apart are left out
   * @param nanos since the answer before, or since the request was taken
   * @param sinceArrivalNanos of the request
   */
  synchronized void responded(int index, long nanos, long sinceArrivalNanos) {
    ResponseSums sums = responsesOf(index);
    if (sums != null) {
      sums.infer.add(nanos);
      sums.success.add(nanos);
    }
    if (index == 0) {
      firstResponse.add(sinceArrivalNanos);
    }
  }

  private @Nullable ResponseSums responsesOf(int index) {
    while (responses.size() <= index && responses.size() < MAX_RESPONSE_INDEX) {
      responses.add(new ResponseSums());
    }
    return index < responses.size() ? responses.get(index) : null;
  }

  /** A request to a decoupled model had its last answer. */
  synchronized void finished(PendingRequest request, long takenNanos, long nowNanos) {
    success.add(nowNanos - request.arrivalNanos());
    queue.add(takenNanos - request.arrivalNanos());
    computeInfer.add(nowNanos - takenNanos);
    inferenceCount += request.rows();
    lastInferenceMillis = System.currentTimeMillis();
  }

  /**
   * A request to a decoupled model failed or was given up, after some answers.
   *
   * @param answers given before
   */
  synchronized void failedStream(ServingException cause, int answers, long nanos) {
    boolean isCancelled = cause.code() == ErrorCode.CANCELLED;
    ResponseSums sums = responsesOf(answers);
    if (sums != null) {
      (isCancelled ? sums.cancel : sums.fail).add(nanos);
    }
    failed(isCancelled ? FailureReason.CANCELED : FailureReason.BACKEND, nanos);
  }

  /** An ensemble's steps, whose times are to be counted. */
  synchronized void countSteps(List<String> labels) {
    stepLabels = List.copyOf(labels);
    steps = labels.stream().map(_ -> new Sum()).toArray(Sum[]::new);
  }

  /** A step of an ensemble was answered, that long after it began. */
  synchronized void stepped(int step, long nanos) {
    steps[step].add(nanos);
  }

  /** A request that was answered without a batch of its own. */
  synchronized void answered(PendingRequest request, long queueNanos, long nowNanos) {
    success.add(nowNanos - request.arrivalNanos());
    queue.add(queueNanos);
    inferenceCount += request.rows();
    executionCount++;
    lastInferenceMillis = System.currentTimeMillis();
  }

  /**
   * A request that was answered from what is kept.
   *
   * @param lookupNanos time to find it
   * @param requestNanos time from arrival to answer
   */
  synchronized void cacheHit(long lookupNanos, long requestNanos) {
    cacheHits.add(lookupNanos);
    success.add(requestNanos);
    lastInferenceMillis = System.currentTimeMillis();
  }

  /**
   * A request that was looked for in vain.
   *
   * @param nanos time to look, and to keep its answer
   */
  synchronized void cacheMiss(long nanos) {
    cacheMisses.add(nanos);
  }

  /** A request that failed after that time. */
  synchronized void failed(FailureReason reason, long nanos) {
    Sum sum = failures.get(reason);
    if (sum != null) {
      sum.add(nanos);
    }
  }

  /** The version is ready, after that time. */
  synchronized void loaded(Duration time) {
    loadTime = time;
  }

  synchronized ModelStatistics snapshot(
      String model, long version, int pendingRequests, boolean isCached) {
    Map<FailureReason, Total> failed = new EnumMap<>(FailureReason.class);
    failures.forEach((reason, sum) -> failed.put(reason, sum.total()));
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
        batchSizes(),
        sizesByReason(),
        isCached
            ? Optional.of(new ModelStatistics.CacheUse(cacheHits.total(), cacheMisses.total()))
            : Optional.empty(),
        pendingRequests,
        latencies(),
        loadTime,
        stepTimes(),
        responses.stream().map(ResponseSums::total).toList(),
        firstResponse.histogram());
  }

  private List<ModelStatistics.Step> stepTimes() {
    List<ModelStatistics.Step> times = new ArrayList<>(steps.length);
    for (int step = 0; step < steps.length; step++) {
      times.add(new ModelStatistics.Step(stepLabels.get(step), steps[step].total()));
    }
    return times;
  }

  private List<ModelStatistics.BatchSize> batchSizes() {
    List<ModelStatistics.BatchSize> sizes = new ArrayList<>();
    for (int rows = 0; rows < batches.length; rows++) {
      BatchSums sums = batches[rows];
      if (sums != null) {
        sizes.add(
            new ModelStatistics.BatchSize(
                rows, sums.input.total(), sums.infer.total(), sums.output.total()));
      }
    }
    return sizes;
  }

  private Map<BatchReason, BatchSizes> sizesByReason() {
    Map<BatchReason, BatchSizes> snapshot = new EnumMap<>(BatchReason.class);
    sizes.forEach((reason, sums) -> snapshot.put(reason, sums.sizes()));
    return snapshot;
  }

  private StageLatencies latencies() {
    return new StageLatencies(
        success.histogram(),
        queue.histogram(),
        computeInput.histogram(),
        computeInfer.histogram(),
        computeOutput.histogram());
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

  private static final class SizeSums {
    private final long[] counts = new long[BatchSizes.BOUNDS + 1];
    private long allRows;

    void add(int rows) {
      counts[BatchSizes.indexOf(rows)]++;
      allRows += rows;
    }

    BatchSizes sizes() {
      return new BatchSizes(Arrays.stream(counts).boxed().toList(), allRows);
    }
  }

  private static final class ResponseSums {
    private final Sum infer = new Sum();
    private final Sum success = new Sum();
    private final Sum fail = new Sum();
    private final Sum cancel = new Sum();

    ModelStatistics.Response total() {
      return new ModelStatistics.Response(
          infer.total(), success.total(), fail.total(), cancel.total());
    }
  }

  private static final class BatchSums {
    private final Sum input = new Sum();
    private final Sum infer = new Sum();
    private final Sum output = new Sum();
  }
}
