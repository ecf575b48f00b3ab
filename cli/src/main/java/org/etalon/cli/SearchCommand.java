package org.etalon.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.etalon.analysis.search.DetectorStrain;
import org.etalon.analysis.search.LiveCandidate;
import org.etalon.analysis.search.LiveSearch;
import org.etalon.analysis.search.LiveSearchListener;
import org.etalon.analysis.search.LiveSearchResult;
import org.etalon.analysis.search.Search;
import org.etalon.analysis.search.SearchConfig;
import org.etalon.analysis.search.SearchResult;
import org.etalon.analysis.search.SearchSettings;
import org.etalon.inference.ModelId;
import org.etalon.strain.GpsTime;
import org.etalon.strain.source.LiveSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code etalon search}. */
@Command(
    name = "search",
    description =
        "Searches the strain of two detectors with a network: candidates with false-alarm rates, and a report.",
    mixinStandardHelpOptions = true)
final class SearchCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec command;

  @Option(names = "--model", required = true, description = "The network's name.")
  private String model = "";

  @Option(
      names = "--model-version",
      description = "Its version (default: the highest that is ready).")
  private @Nullable Long version;

  @Option(
      names = "--strain",
      paramLabel = "IFO=FILE[,FILE..]",
      description =
          "A detector's strain: HDF5 or GWF files, folders of them, cache files (.lcf, .cache, .ffl); once for each of two detectors, in the network's order.")
  private List<String> strain = new ArrayList<>();

  @Option(
      names = "--follow",
      paramLabel = "IFO=DIR|ADDRESS",
      description =
          "Search live: a detector's frames as they appear in this folder, or as messages of kafka://HOST:PORT/TOPIC; once for each of two detectors, in place of --strain.")
  private List<String> follow = new ArrayList<>();

  @Option(
      names = "--alerts",
      paramLabel = "ADDRESS",
      description =
          "With --follow: where each candidate is announced, once, as JSON: kafka://HOST:PORT/TOPIC.")
  private @Nullable String alerts;

  @Option(
      names = "--channel",
      paramLabel = "IFO=NAME",
      description =
          "The strain channel of a detector (default: found by its name; required with --follow).")
  private Map<String, String> channels = new LinkedHashMap<>();

  @Option(
      names = "--event",
      description = "Public strain around this event, such as GW150914, in place of --strain.")
  private @Nullable String event;

  @Option(
      names = "--detectors",
      split = ",",
      description = "With --event: which two, in the network's order (default: ${DEFAULT-VALUE}).",
      defaultValue = "H1,L1")
  private List<String> detectors = List.of();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The folder for the results.")
  private Path output = Path.of("");

  @Option(
      names = "--segments",
      paramLabel = "FILE[#NAME]",
      description =
          "Search only the times in this list (LIGO_LW XML, text, or a bit of a mask, as in H1.hdf5#CBC_CAT1); in all of them if given more than once.")
  private List<String> segments = new ArrayList<>();

  @Option(
      names = "--veto",
      paramLabel = "FILE[#NAME]",
      description = "Leave out the times in this list.")
  private List<String> vetoes = new ArrayList<>();

  @Option(names = "--json", description = "Print the candidates as JSON.")
  private boolean asJson;

  @Mixin private SearchOptions options = new SearchOptions();
  @Mixin private LiveOptions live = new LiveOptions();
  @Mixin private ServiceOptions service = new ServiceOptions();
  @Mixin private GwoscOptions gwosc = new GwoscOptions();

  @Override
  public Integer call() throws IOException {
    long given =
        Stream.of(event != null, !strain.isEmpty(), !follow.isEmpty()).filter(is -> is).count();
    if (given != 1) {
      throw WrongUsage.of(
          command, "give one of --strain IFO=FILE twice, --event NAME, and --follow IFO=DIR twice");
    }
    ModelId id = version == null ? ModelId.of(model) : ModelId.of(model, version);
    SearchSettings settings = WrongUsage.unlessAccepted(command, options::settings);
    if (!follow.isEmpty()) {
      return follow(id, settings);
    }
    if (alerts != null) {
      throw WrongUsage.of(command, "--alerts goes with --follow");
    }
    List<DetectorStrain> sources =
        event == null ? namedFiles() : EventStrain.fetch(gwosc.config(), event, detectors);
    SearchConfig config =
        new SearchConfig(sources, id, output, SegmentArgument.times(segments, vetoes), settings);
    try (ServiceOptions.Opened opened = service.open(model);
        SearchBars bars = new SearchBars()) {
      SearchResult result = Search.run(config, opened.service(), bars);
      bars.close();
      CandidateTable.print(result, asJson);
    }
    return 0;
  }

  private int follow(ModelId id, SearchSettings settings) throws IOException {
    if (!segments.isEmpty() || !vetoes.isEmpty()) {
      throw WrongUsage.of(command, "--segments and --veto do not go with --follow");
    }
    LiveSettings following = WrongUsage.unlessAccepted(command, live::settings);
    try (FollowedPlaces places = new FollowedPlaces(LiveOptions.gaps());
        CandidateAlerts announced = CandidateAlerts.to(Optional.ofNullable(alerts))) {
      List<DetectorStrain> sources =
          named(
              "--follow",
              follow,
              (ifo, place, channel) -> folder(ifo, places.folder(place), channel));
      SearchConfig config = new SearchConfig(sources, id, output, Optional.empty(), settings);
      return follow(config, following, places, announced);
    }
  }

  private int follow(
      SearchConfig config, LiveSettings following, FollowedPlaces places, CandidateAlerts announced)
      throws IOException {
    try (ServiceOptions.Opened opened = service.open(model)) {
      LiveSearchResult result =
          LiveSearch.run(
              config,
              following,
              opened.service(),
              new Told(config, places, announced),
              LiveOptions.gaps());
      System.err.printf(
          Locale.ROOT,
          "%d candidates in %.1f s, against %.0f s of time slides: %s%n",
          result.candidates(),
          result.livetimeSeconds(),
          result.backgroundSeconds(),
          output.resolve("foreground.csv"));
    } catch (UncheckedIOException e) {
      throw e.getCause(); // a candidate could not be announced
    } catch (InterruptedException e) {
      throw places.failure(e);
    }
    return 0;
  }

  /** Prints and announces candidates, and lets go of strain that is done with. */
  private final class Told implements LiveSearchListener {
    private final SearchConfig config;
    private final FollowedPlaces places;
    private final CandidateAlerts announced;

    Told(SearchConfig config, FollowedPlaces places, CandidateAlerts announced) {
      this.config = config;
      this.places = places;
      this.announced = announced;
    }

    @Override
    public void candidate(LiveCandidate candidate) {
      print(config, candidate);
      announced.announce(config, candidate);
    }

    @Override
    public void noted(long restartNs) {
      places.done(restartNs);
    }
  }

  private void print(SearchConfig config, LiveCandidate candidate) {
    if (asJson) {
      System.out.println(candidate.toJson(config.ifos()));
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "GPS %s, detection statistic %.2f, %s, latency %.3f s%s%n",
        GpsTime.format(candidate.gpsNs()),
        candidate.detectionStatistic(),
        candidate
            .significance()
            .map(s -> (s.isUpperLimit() ? "< " : "") + "%.3g per year".formatted(s.farPerYear()))
            .orElse("no background yet"),
        candidate.latencySeconds(),
        candidate.supersedesGpsNs().isPresent()
            ? ", in place of " + GpsTime.format(candidate.supersedesGpsNs().getAsLong())
            : "");
  }

  private DetectorStrain folder(String ifo, Path folder, Optional<String> channel) {
    if (channel.isEmpty() || !Files.isDirectory(folder)) {
      throw WrongUsage.of(
          command,
          "--follow %s=%s: expected a folder, and --channel %s=NAME".formatted(ifo, folder, ifo));
    }
    return new DetectorStrain(ifo, List.of(folder), channel);
  }

  private List<DetectorStrain> namedFiles() throws IOException {
    return named(
        "--strain",
        strain,
        (ifo, files, channel) ->
            new DetectorStrain(ifo, StrainArguments.files(ifo, files, channel), channel));
  }

  /** Where one detector's strain is, by what stands behind its name. */
  private interface Place {
    DetectorStrain of(String ifo, String value, Optional<String> channel) throws IOException;
  }

  private List<DetectorStrain> named(String option, List<String> arguments, Place place)
      throws IOException {
    List<DetectorStrain> sources = new ArrayList<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw WrongUsage.of(
            command,
            "%s %s: expected IFO=PATH, such as H1=strain.hdf5".formatted(option, argument));
      }
      String ifo = argument.substring(0, equals);
      Optional<String> channel = Optional.ofNullable(channels.remove(ifo));
      sources.add(place.of(ifo, argument.substring(equals + 1), channel));
    }
    if (sources.size() != 2) {
      throw WrongUsage.of(
          command, "%s is given %d times (expected: twice)".formatted(option, sources.size()));
    }
    if (!channels.isEmpty()) {
      throw WrongUsage.of(
          command, "--channel names %s, which no %s has".formatted(channels.keySet(), option));
    }
    return sources;
  }
}
