package org.etalon.analysis.denoise;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.InferenceService;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;
import org.etalon.strain.source.ArchiveSource;
import org.etalon.strain.source.ChannelSet;
import org.etalon.strain.source.StrainCatalog;

/**
 * Cleans strain that is all there. The output folder gets {@code frames/}, {@code report.html} and
 * {@code run.json}. Run again after it was stopped, it goes on and writes the same bytes.
 *
 * <p>Owned by one thread, which does all the work but the model's.
 */
public final class Denoise {
  private static final Duration LONGEST_CHUNK = Duration.ofSeconds(64);

  private final DenoiseConfig config;
  private final InferenceService service;
  private final DenoiseProgressListener listener;

  private Denoise(
      DenoiseConfig config, InferenceService service, DenoiseProgressListener listener) {
    this.config = config;
    this.service = service;
    this.listener = listener;
  }

  /**
   * Cleans, and writes the result.
   *
   * @param service borrowed; asked for one model alone
   * @throws IOException if a file cannot be read or has too little, or the output folder is in use
   * @throws org.etalon.inference.ServingException if the model does not fit or fails
   */
  public static DenoiseResult run(
      DenoiseConfig config, InferenceService service, DenoiseProgressListener listener)
      throws IOException {
    try {
      return new Denoise(config, service, listener).run();
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private DenoiseResult run() throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    DenoisingModel model =
        DenoisingModel.of(service, config.model(), config.witnessChannels().size());
    StrainCatalog places = StrainCatalog.of(config.strain());
    String raw = strainChannel(places);
    ChannelSet strain = new ChannelSet(places.with(raw), List.of(raw));
    StrainCatalog witnessPlaces =
        StrainCatalog.of(config.witness()).with(config.witnessChannels().getFirst());
    ChannelSet witness = new ChannelSet(witnessPlaces, config.witnessChannels());
    List<String> identity = identity(model, raw, strain, witness);
    Optional<DenoiseProgress> earlier = DenoiseProgress.read(config.output(), identity);
    Files.createDirectories(config.output());
    clean(model, raw, List.of(strain, witness), identity, earlier);
    CleanedResult cleaned = new CleanedResult(config, model, raw, strain, witness);
    DenoiseResult result = cleaned.of(List.of());
    cleaned.write(result, (System.nanoTime() - startNs) / 1e9);
    return result;
  }

  private String strainChannel(StrainCatalog places) throws IOException {
    if (config.strainChannel().isPresent()) {
      return config.strainChannel().get();
    }
    try (StrainFile file = StrainFile.open(places.files().getFirst().path())) {
      return file.strainChannel();
    }
  }

  /** What makes two runs the same; files by name, time and size. */
  private List<String> identity(
      DenoisingModel model, String raw, ChannelSet strain, ChannelSet witness) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("model: " + model.id());
    lines.add("channel: " + raw + " to " + config.cleanedChannel(raw));
    lines.add("witnesses: " + config.witnessChannels());
    config.settings().changing().forEach((key, value) -> lines.add(key + ": " + value));
    for (ChannelSet set : List.of(strain, witness)) {
      for (var file : set.files().files()) {
        lines.add(
            "file: %s %d bytes".formatted(file.path().getFileName(), Files.size(file.path())));
      }
    }
    return lines;
  }

  private void clean(
      DenoisingModel model,
      String raw,
      List<ChannelSet> sets,
      List<String> identity,
      Optional<DenoiseProgress> earlier)
      throws IOException, InterruptedException {
    Segment all = whole(sets);
    Cleaning cleaning = new Cleaning(config, model, service);
    long fromNs = earlier.map(DenoiseProgress::restartNs).orElse(all.startNs());
    if (fromNs >= all.endNs()) {
      return;
    }
    double total = (all.endNs() - all.startNs()) / 1e9;
    CleanFrames frames =
        new CleanFrames(
            frames(config),
            config.cleanedChannel(raw),
            config.settings().frameSeconds(),
            earlier.stream().mapToLong(DenoiseProgress::doneNs).findFirst(),
            (span, _) -> {
              new DenoiseProgress(cleaning.stretchNs(), span.endNs(), cleaning.memoryNs())
                  .write(config.output(), identity);
              listener.written(span, (span.endNs() - all.startNs()) / 1e9, total);
            });
    SegmentList times = SegmentList.of(new Segment(fromNs, all.endNs()));
    try (ArchiveSource source = ArchiveSource.open(sets, times, LONGEST_CHUNK)) {
      cleaning.run(
          source,
          earlier.map(DenoiseProgress::stretchNs),
          frames,
          config.settings().maxInFlight(),
          _ -> {});
    }
  }

  private static Segment whole(List<ChannelSet> sets) throws IOException {
    long start = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    for (ChannelSet set : sets) {
      for (Segment segment : set.files().segments().segments()) {
        start = Math.min(start, segment.startNs());
        end = Math.max(end, segment.endNs());
      }
    }
    if (start >= end) {
      throw new IOException("no strain files (expected: at least one)");
    }
    return new Segment(start, end);
  }

  /** Where cleaned frames lie. */
  static Path frames(DenoiseConfig config) {
    return config.output().resolve("frames");
  }
}
