package org.etalon.engine.status;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one version of a model has done since it was loaded; the protocol's statistics extension
 * gives the meaning of each.
 *
 * @param lastInferenceMillis when the last request was answered, since the epoch; empty: none yet
 * @param inferenceCount rows answered, the sum of all batch sizes
 * @param executionCount batches run
 * @param success requests answered, and their time from arrival to answer
 * @param failures requests failed, by reason, and their time
 * @param queue time from arrival until an instance took the request; answered requests only, as all
 *     below
 * @param computeInput time to gather inputs
 * @param computeInfer time in the backend
 * @param computeOutput time to hand outputs over
 * @param batches the same by batch size, ascending
 * @param batchReasons the sizes of batches by the reason for which they were closed; reasons that
 *     never were are absent
 * @param cache what the response cache did; empty where the model has none
 * @param pendingRequests waiting for an instance now
 * @param latencies how the times above are spread
 * @param loadTime from the beginning of loading until the version was ready
 * @param steps of an ensemble, in the order of its configuration; none for other models
 * @param responses of a decoupled model, by the index of an answer; none for other models
 * @param firstResponse of a decoupled model: from a request's arrival to its first answer
 */
public record ModelStatistics(
    String model,
    long version,
    OptionalLong lastInferenceMillis,
    long inferenceCount,
    long executionCount,
    Total success,
    Map<FailureReason, Total> failures,
    Total queue,
    Total computeInput,
    Total computeInfer,
    Total computeOutput,
    List<BatchSize> batches,
    Map<BatchReason, BatchSizes> batchReasons,
    Optional<CacheUse> cache,
    int pendingRequests,
    StageLatencies latencies,
    Duration loadTime,
    List<Step> steps,
    List<Response> responses,
    LatencyHistogram firstResponse) {
  public ModelStatistics {
    failures = Map.copyOf(failures);
    batches = List.copyOf(batches);
    batchReasons = Map.copyOf(batchReasons);
    steps = List.copyOf(steps);
    responses = List.copyOf(responses);
  }

  /** A number of requests or batches and the time they took together, in nanoseconds. */
  public record Total(long count, long nanos) {}

  /**
   * A step of an ensemble.
   *
   * @param label {@code step 0 (single)}
   * @param total times that the step was answered, and its time from its beginning to that
   */
  public record Step(String label, Total total) {}

  /**
   * The answers of one index to the requests of a decoupled model.
   *
   * @param computeInfer since the answer before, or since an instance took the request
   * @param success answers given
   * @param fail requests that failed in its place
   * @param cancel requests that were given up in its place
   */
  public record Response(Total computeInfer, Total success, Total fail, Total cancel) {}

  /** Batches of one size: each total counts batches. */
  public record BatchSize(int rows, Total computeInput, Total computeInfer, Total computeOutput) {}

  /**
   * Requests that the response cache answered, and the time to find their answers; and those that
   * it did not, and the time to look and to keep theirs.
   */
  public record CacheUse(Total hits, Total misses) {}

  /** Why a request failed, by the {@code reason} label of the metrics. */
  public enum FailureReason {
    REJECTED,
    CANCELED,
    BACKEND,
    OTHER
  }

  /** The failures of one reason. */
  public Total failure(FailureReason reason) {
    return failures.getOrDefault(reason, new Total(0, 0));
  }

  /** All failures together. */
  public Total fail() {
    long count = 0;
    long nanos = 0;
    for (Total total : failures.values()) {
      count += total.count();
      nanos += total.nanos();
    }
    return new Total(count, nanos);
  }
}
