package org.etalon.analysis.denoise;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;
import org.etalon.strain.source.ArchiveSource;
import org.etalon.strain.source.ChannelSet;
import org.etalon.strain.source.StrainCatalog;

/** Compares the cleaned frames of an output folder with the raw strain, and writes the results. */
final class CleanedResult {
  private static final Duration CHUNK = Duration.ofSeconds(8);

  private final DenoiseConfig config;
  private final DenoisingModel model;
  private final String raw;
  private final ChannelSet strain;
  private final ChannelSet witness;
  private final ChannelSet clean;
  private final Spectra spectra;
  private final double cleanedSeconds;
  private final double rateHz;

  /**
   * @throws IOException if a file cannot be read, or there is too little for a spectrum
   */
  CleanedResult(
      DenoiseConfig config, DenoisingModel model, String raw, ChannelSet strain, ChannelSet witness)
      throws IOException, InterruptedException {
    this.config = config;
    this.model = model;
    this.raw = raw;
    this.strain = strain;
    this.witness = witness;
    String cleaned = config.cleanedChannel(raw);
    StrainCatalog frames = StrainCatalog.of(List.of(Denoise.frames(config)));
    this.clean = new ChannelSet(frames, List.of(cleaned));
    SegmentList times = frames.segments();
    this.cleanedSeconds = GpsTime.toSeconds(times.livetimeNs());
    this.rateHz = rate(strain);
    this.spectra = spectra(times);
  }

  private static double rate(ChannelSet set) throws IOException {
    try (StrainFile file = StrainFile.open(set.files().files().getFirst().path())) {
      return file.channel(set.channels().getFirst()).sampleRateHz();
    }
  }

  private Spectra spectra(SegmentList times) throws IOException, InterruptedException {
    double edge = model.kernel() / rateHz;
    double longest = 0;
    for (Segment segment : times.segments()) {
      longest = Math.max(longest, GpsTime.toSeconds(segment.durationNs()));
    }
    int segment = Spectra.segmentSeconds(longest - 2 * edge);
    Spectra all =
        new Spectra((int) rateHz, config.witnessChannels().size(), segment, edge, cleanedSeconds);
    try (ArchiveSource source = ArchiveSource.open(List.of(strain, clean, witness), times, CHUNK)) {
      all.add(source);
    }
    if (all.segments() == 0) {
      throw new IOException(
          "%s: %.1f s without a gap at most (expected: at least %.1f s, for a spectrum)"
              .formatted(Denoise.frames(config), longest, segment + 2 * edge));
    }
    return all;
  }

  DenoiseResult of(List<FrameLatency> latencies) {
    DenoiseSettings settings = config.settings();
    double all = model.kernel() / rateHz - settings.strideSeconds();
    return new DenoiseResult(
        model.id().toString(),
        raw,
        config.cleanedChannel(raw),
        cleanedSeconds,
        Math.min(all, settings.latencySeconds()) + settings.filterSeconds() / 2,
        Effect.of(spectra.rawAsd(), spectra.cleanAsd(), spectra.frequencyStepHz(), settings),
        latencies);
  }

  void write(DenoiseResult result, double wallSeconds) throws IOException {
    Path report = config.output().resolve("report.html");
    Files.writeString(report, new DenoiseReport(config, result, spectra).html());
    DenoiseJson.write(config.output().resolve("run.json"), config, result, wallSeconds);
  }
}
