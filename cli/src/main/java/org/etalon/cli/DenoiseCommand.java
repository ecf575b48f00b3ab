package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.analysis.denoise.Denoise;
import org.etalon.analysis.denoise.DenoiseConfig;
import org.etalon.analysis.denoise.DenoiseProgressListener;
import org.etalon.analysis.denoise.DenoiseResult;
import org.etalon.analysis.denoise.DenoiseSettings;
import org.etalon.analysis.denoise.FrameLatency;
import org.etalon.analysis.denoise.LiveDenoise;
import org.etalon.inference.ModelId;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.source.LiveSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code etalon denoise}. */
@Command(
    name = "denoise",
    description =
        "Subtracts noise that a network predicts from witness channels: cleaned frames, and a report.",
    mixinStandardHelpOptions = true)
final class DenoiseCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec command;

  @Option(names = "--model", required = true, description = "The network's name.")
  private String model = "";

  @Option(
      names = "--model-version",
      description = "Its version (default: the highest that is ready).")
  private @Nullable Long version;

  @Option(
      names = "--strain",
      split = ",",
      paramLabel = "FILE",
      description = "Strain: files, folders or cache files.")
  private List<Path> strain = new ArrayList<>();

  @Option(
      names = "--witness",
      split = ",",
      paramLabel = "FILE",
      description =
          "The witnesses' files, folders or cache files, with --follow a folder or kafka:// address (default: those of the strain).")
  private List<String> witness = new ArrayList<>();

  @Option(
      names = "--follow",
      paramLabel = "DIR|ADDRESS",
      description =
          "Clean live, in place of --strain: frames as they appear in this folder, or as messages of kafka://HOST:PORT/TOPIC.")
  private @Nullable String follow;

  @Option(
      names = "--channel",
      paramLabel = "NAME",
      description = "The strain channel (default: found by its name; required with --follow).")
  private @Nullable String channel;

  @Option(
      names = "--witness-channels",
      split = ",",
      required = true,
      paramLabel = "NAME|FILE",
      description = "The witness channels in the network's order, or a file with one a line.")
  private List<String> witnessChannels = new ArrayList<>();

  @Option(
      names = "--output-channel",
      paramLabel = "RULE",
      description = "Name of the cleaned channel (default: ${DEFAULT-VALUE}).")
  private String channelRule = DenoiseConfig.USUAL_RULE;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The folder for cleaned frames and the report.")
  private Path output = Path.of("");

  @Option(names = "--json", description = "Print what was done, live frame by frame, as JSON.")
  private boolean asJson;

  @Mixin private DenoiseOptions options = new DenoiseOptions();
  @Mixin private LiveOptions live = new LiveOptions();
  @Mixin private ServiceOptions service = new ServiceOptions();

  @Override
  public Integer call() throws IOException {
    String followed = follow;
    if ((followed == null) == strain.isEmpty()) {
      throw WrongUsage.of(command, "give either --strain FILE.. or --follow DIR");
    }
    if (followed != null && (channel == null || witness.size() > 1)) {
      throw WrongUsage.of(
          command, "--follow needs --channel NAME, and at most one folder with --witness");
    }
    boolean isLive = followed != null;
    DenoiseSettings settings = WrongUsage.unlessAccepted(command, () -> options.settings(isLive));
    try (FollowedPlaces places = new FollowedPlaces(LiveOptions.gaps())) {
      List<Path> raw = followed == null ? strain : List.of(places.folder(followed));
      List<Path> seen = new ArrayList<>();
      for (String each : witness) {
        seen.add(isLive ? places.folder(each) : Path.of(each));
      }
      DenoiseConfig config =
          WrongUsage.unlessAccepted(
              command, () -> config(raw, seen.isEmpty() ? raw : seen, settings));
      print(isLive ? live(config, places) : archive(config));
    }
    return 0;
  }

  private DenoiseConfig config(List<Path> raw, List<Path> seen, DenoiseSettings settings) {
    return new DenoiseConfig(
        raw,
        Optional.ofNullable(channel),
        seen,
        channelNames(),
        version == null ? ModelId.of(model) : ModelId.of(model, version),
        channelRule,
        output,
        settings);
  }

  private List<String> channelNames() {
    Path file = Path.of(witnessChannels.getFirst());
    if (witnessChannels.size() > 1 || !Files.isRegularFile(file)) {
      return witnessChannels;
    }
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static DenoiseProgressListener bar(ConsoleBar bar) {
    return (_, done, total) -> bar.show((long) done, (long) total, "");
  }

  private DenoiseResult archive(DenoiseConfig config) throws IOException {
    try (ServiceOptions.Opened opened = service.open(model);
        ConsoleBar bar = ConsoleBar.open("denoise", "s")) {
      return Denoise.run(config, opened.service(), bar(bar));
    }
  }

  private DenoiseResult live(DenoiseConfig config, FollowedPlaces places) throws IOException {
    LiveSettings settings = WrongUsage.unlessAccepted(command, live::settings);
    try (ServiceOptions.Opened opened = service.open(model)) {
      return LiveDenoise.run(
          config, settings, opened.service(), new Lines(places), LiveOptions.gaps());
    } catch (InterruptedException e) {
      throw places.failure(e);
    }
  }

  private void print(DenoiseResult result) {
    var effect = result.effect();
    if (asJson) {
      System.out.printf(
          Locale.ROOT,
          "{\"cleaned_seconds\": %s, \"band_rms_ratio\": %.5f, \"mean_asd_ratio\": %.5f, \"centre_asd_ratio\": %.5f}%n",
          result.cleanedSeconds(),
          effect.bandRmsRatio(),
          effect.meanAsdRatio(),
          effect.centreAsdRatio());
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "%.0f s cleaned as %s, %.2f s behind the data; %.0f to %.0f Hz: %.1f %% of the noise left%nreport: %s%n",
        result.cleanedSeconds(),
        result.cleanedChannel(),
        result.delaySeconds(),
        effect.bandLowHz(),
        effect.bandHighHz(),
        100 * effect.bandRmsRatio(),
        output.resolve("report.html"));
  }

  /** One line a live frame. */
  private final class Lines implements DenoiseProgressListener {
    private final FollowedPlaces places;

    Lines(FollowedPlaces places) {
      this.places = places;
    }

    /** Printed by {@link #late}, with its latency. */
    @Override
    public void written(Segment frame, double doneSeconds, double totalSeconds) {
      places.done(frame.endNs());
    }

    @Override
    public void late(FrameLatency latency) {
      String gps = GpsTime.format(latency.gpsNs());
      System.out.printf(
          Locale.ROOT,
          asJson
              ? "{\"gps_start\": %s, \"latency_seconds\": %.4f}%n"
              : "GPS %s cleaned, latency %.3f s%n",
          gps,
          latency.seconds());
    }
  }
}
