package org.etalon.engine.status;

/**
 * How long answered requests took, stage by stage; the stages are those of {@link ModelStatistics}.
 *
 * @param request from arrival to answer
 */
public record StageLatencies(
    LatencyHistogram request,
    LatencyHistogram queue,
    LatencyHistogram computeInput,
    LatencyHistogram computeInfer,
    LatencyHistogram computeOutput) {
  /** Nothing answered. */
  public static final StageLatencies EMPTY =
      new StageLatencies(
          LatencyHistogram.EMPTY,
          LatencyHistogram.EMPTY,
          LatencyHistogram.EMPTY,
          LatencyHistogram.EMPTY,
          LatencyHistogram.EMPTY);

  /** Of what was answered since then. */
  public StageLatencies since(StageLatencies earlier) {
    return new StageLatencies(
        request.since(earlier.request),
        queue.since(earlier.queue),
        computeInput.since(earlier.computeInput),
        computeInfer.since(earlier.computeInfer),
        computeOutput.since(earlier.computeOutput));
  }
}
