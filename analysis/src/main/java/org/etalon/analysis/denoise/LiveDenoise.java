package org.etalon.analysis.denoise;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.etalon.inference.InferenceService;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.source.ChannelSet;
import org.etalon.strain.source.LiveFolder;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.etalon.strain.source.LiveSource;
import org.etalon.strain.source.StrainCatalog;

/**
 * Cleans strain as its files appear in a folder. Cleaned frames appear in the output folder's
 * {@code frames/}, how late each was in {@code latency.csv}; at the end, if there is one, {@code
 * report.html} and {@code run.json}. Run again after it was stopped, it goes on behind the last
 * frame it wrote, as long as the files before it are still there.
 */
public final class LiveDenoise {
  private final DenoiseConfig config;
  private final String raw;
  private final LiveSettings live;
  private final InferenceService service;
  private final DenoiseProgressListener listener;
  private final List<FrameLatency> latencies = new ArrayList<>();

  /** When strain up to an instant was there, in machine time. */
  private final TreeMap<Long, Long> arrivals = new TreeMap<>();

  private LiveDenoise(
      DenoiseConfig config,
      String raw,
      LiveSettings live,
      InferenceService service,
      DenoiseProgressListener listener) {
    this.config = config;
    this.raw = raw;
    this.live = live;
    this.service = service;
    this.listener = listener;
  }

  /**
   * Follows the folders until the live settings' end, or until the thread is interrupted.
   *
   * @param config with one folder of strain, a named strain channel and one folder of witnesses
   * @param gaps told of what is missing, late or unreadable
   * @throws IOException if the output folder is in use, or cannot be written
   * @throws org.etalon.inference.ServingException if the model does not fit or fails
   * @throws InterruptedException what was written stays, for the next run to go on from
   */
  public static DenoiseResult run(
      DenoiseConfig config,
      LiveSettings live,
      InferenceService service,
      DenoiseProgressListener listener,
      LiveListener gaps)
      throws IOException, InterruptedException {
    String raw =
        config
            .strainChannel()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "strainChannel: none (expected: its name, for live strain)"));
    return new LiveDenoise(config, raw, live, service, listener).run(gaps);
  }

  private DenoiseResult run(LiveListener gaps) throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    DenoisingModel model =
        DenoisingModel.of(service, config.model(), config.witnessChannels().size());
    List<String> identity = identity(model);
    Optional<DenoiseProgress> earlier = DenoiseProgress.read(config.output(), identity);
    Files.createDirectories(config.output());
    follow(model, identity, earlier, gaps);
    Path strainFolder = config.strain().getFirst();
    Path witnessFolder = config.witness().getFirst();
    ChannelSet strain =
        new ChannelSet(StrainCatalog.of(List.of(strainFolder)).with(raw), List.of(raw));
    ChannelSet witness =
        new ChannelSet(
            StrainCatalog.of(List.of(witnessFolder)).with(config.witnessChannels().getFirst()),
            config.witnessChannels());
    CleanedResult cleaned = new CleanedResult(config, model, raw, strain, witness);
    DenoiseResult result = cleaned.of(latencies);
    cleaned.write(result, (System.nanoTime() - startNs) / 1e9);
    return result;
  }

  private List<String> identity(DenoisingModel model) {
    List<String> lines = new ArrayList<>();
    lines.add("model: " + model.id());
    lines.add("channel: " + raw + " to " + config.cleanedChannel(raw));
    lines.add("witnesses: " + config.witnessChannels());
    config.settings().changing().forEach((key, value) -> lines.add(key + ": " + value));
    lines.add("live");
    return lines;
  }

  private void follow(
      DenoisingModel model,
      List<String> identity,
      Optional<DenoiseProgress> earlier,
      LiveListener gaps)
      throws IOException, InterruptedException {
    Cleaning cleaning = new Cleaning(config, model, service);
    LiveSettings from = earlier.isPresent() ? live.from(earlier.get().restartNs()) : live;
    OptionalLong end = live.endNs();
    if (end.isPresent() && earlier.isPresent() && earlier.get().doneNs() >= end.getAsLong()) {
      return;
    }
    List<LiveFolder> folders =
        List.of(
            new LiveFolder(config.strain().getFirst(), List.of(raw)),
            new LiveFolder(config.witness().getFirst(), config.witnessChannels()));
    try (LiveSource source = LiveSource.open(folders, from, gaps);
        BufferedWriter table = latencyTable()) {
      CleanFrames frames =
          new CleanFrames(
              Denoise.frames(config),
              config.cleanedChannel(raw),
              config.settings().frameSeconds(),
              earlier.stream().mapToLong(DenoiseProgress::doneNs).findFirst(),
              (span, _) -> {
                new DenoiseProgress(cleaning.stretchNs(), span.endNs(), cleaning.memoryNs())
                    .write(config.output(), identity);
                written(span, table);
              });
      cleaning.run(
          source,
          earlier.map(DenoiseProgress::stretchNs),
          frames,
          0,
          endNs -> arrivals.put(endNs, System.nanoTime()));
    }
  }

  private BufferedWriter latencyTable() throws IOException {
    Path file = config.output().resolve("latency.csv");
    boolean isNew = !Files.exists(file);
    BufferedWriter table =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    if (isNew) {
      table.write("gps_start,latency_seconds\n");
      table.flush();
    }
    return table;
  }

  /** A frame's latency counts from when the chunk with its last sample was there. */
  private void written(Segment span, BufferedWriter table) throws IOException {
    Map.Entry<Long, Long> arrived = arrivals.ceilingEntry(span.endNs());
    if (arrived == null) {
      return; // the end of a stretch that an earlier run had read
    }
    double seconds = (System.nanoTime() - arrived.getValue()) / 1e9;
    arrivals.headMap(span.endNs(), false).clear();
    FrameLatency latency = new FrameLatency(span.startNs(), seconds);
    latencies.add(latency);
    table.write(String.format(Locale.ROOT, "%s,%.6f%n", GpsTime.format(span.startNs()), seconds));
    table.flush();
    listener.late(latency);
    listener.written(span, latencies.size() * (double) config.settings().frameSeconds(), 0);
  }
}
