package org.etalon.cli;

import org.etalon.analysis.denoise.DenoiseSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The numbers of {@code etalon denoise}; what is not given stays as usual. */
final class DenoiseOptions {
  @Option(names = "--stride", paramLabel = "S", description = "Seconds between kernels (0.25).")
  private @Nullable Double stride;

  @Option(
      names = "--aggregation-latency",
      paramLabel = "S",
      description =
          "Seconds that a sample waits for outputs that cover it (all of them; live 0.75). Half the filter comes on top.")
  private @Nullable Double latency;

  @Option(
      names = "--band",
      arity = "2",
      paramLabel = "HZ",
      description = "The band that the network predicts (50 70).")
  private double @Nullable [] band;

  @Option(
      names = "--filter",
      paramLabel = "S",
      description = "Length of the band's filter, half of it before a sample (1).")
  private @Nullable Double filter;

  @Option(
      names = "--unit",
      paramLabel = "STRAIN",
      description = "Strain of one unit of the network's output (1e-21).")
  private @Nullable Double unit;

  @Option(
      names = "--frame-seconds",
      paramLabel = "S",
      description = "Length of cleaned frames (64; live 1).")
  private @Nullable Integer frameSeconds;

  DenoiseSettings settings(boolean isLive) {
    DenoiseSettings usual = isLive ? DenoiseSettings.live() : DenoiseSettings.archive();
    double[] corners = band;
    return new DenoiseSettings(
        stride == null ? usual.strideSeconds() : stride,
        latency == null ? usual.latencySeconds() : latency,
        corners == null ? usual.bandLowHz() : corners[0],
        corners == null ? usual.bandHighHz() : corners[1],
        usual.bandOrder(),
        filter == null ? usual.filterSeconds() : filter,
        unit == null ? usual.strainPerUnit() : unit,
        frameSeconds == null ? usual.frameSeconds() : frameSeconds,
        usual.maxInFlight());
  }
}
