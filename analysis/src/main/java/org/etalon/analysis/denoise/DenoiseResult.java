package org.etalon.analysis.denoise;

import java.util.List;

/**
 * What a run has done.
 *
 * @param model with its version
 * @param cleanedSeconds of strain in the output folder
 * @param delaySeconds by which cleaned strain follows the data for certain: the aggregation's
 *     latency and half the filter
 * @param latencies of live frames, in order
 */
public record DenoiseResult(
    String model,
    String rawChannel,
    String cleanedChannel,
    double cleanedSeconds,
    double delaySeconds,
    Effect effect,
    List<FrameLatency> latencies) {
  public DenoiseResult {
    latencies = List.copyOf(latencies);
  }
}
