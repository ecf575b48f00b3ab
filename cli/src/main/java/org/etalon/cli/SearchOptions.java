package org.etalon.cli;

import org.etalon.analysis.search.SearchSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a search is done; what is not said stays at the search's own defaults. */
final class SearchOptions {
  @Option(
      names = "--slides",
      description = "Time slides for the background (default: as many as fit, up to 32).")
  private @Nullable Integer slides;

  @Option(
      names = "--shift",
      paramLabel = "SECONDS",
      description = "Between one slide and the next.")
  private @Nullable Integer shift;

  @Option(names = "--inference-sampling-rate", paramLabel = "HZ", description = "Windows a second.")
  private @Nullable Integer inferenceSamplingRate;

  @Option(
      names = "--integration-window",
      paramLabel = "SECONDS",
      description = "Over which scores are averaged.")
  private @Nullable Double integration;

  @Option(
      names = "--cluster-window",
      paramLabel = "SECONDS",
      description = "In which one event is kept.")
  private @Nullable Double cluster;

  @Option(
      names = "--highpass",
      paramLabel = "HZ",
      description = "Below which the whitening filter is zero.")
  private @Nullable Double highpass;

  @Option(names = "--batch-size", description = "Windows of a request.")
  private @Nullable Integer batchSize;

  @Option(names = "--max-in-flight", description = "Requests under way at once.")
  private @Nullable Integer maxInFlight;

  SearchSettings settings() {
    SearchSettings.Builder settings = SearchSettings.defaults().with();
    if (slides != null) {
      settings.slides(slides);
    }
    if (shift != null) {
      settings.shiftSeconds(shift);
    }
    if (inferenceSamplingRate != null) {
      settings.inferenceSamplingRateHz(inferenceSamplingRate);
    }
    if (integration != null) {
      settings.integrationSeconds(integration);
    }
    if (cluster != null) {
      settings.clusterSeconds(cluster);
    }
    if (highpass != null) {
      settings.highpassHz(highpass);
    }
    if (batchSize != null) {
      settings.batchSize(batchSize);
    }
    if (maxInFlight != null) {
      settings.maxInFlight(maxInFlight);
    }
    return settings.build();
  }
}
