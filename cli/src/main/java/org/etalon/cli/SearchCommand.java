package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.analysis.search.DetectorStrain;
import org.etalon.analysis.search.Search;
import org.etalon.analysis.search.SearchConfig;
import org.etalon.analysis.search.SearchResult;
import org.etalon.analysis.search.SearchSettings;
import org.etalon.inference.ModelId;
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
      names = "--channel",
      paramLabel = "IFO=NAME",
      description = "The strain channel of a detector (default: found by its name).")
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
  @Mixin private ServiceOptions service = new ServiceOptions();
  @Mixin private GwoscOptions gwosc = new GwoscOptions();

  @Override
  public Integer call() throws IOException {
    if ((event == null) == strain.isEmpty()) {
      throw WrongUsage.of(command, "give either --strain IFO=FILE twice or --event NAME");
    }
    ModelId id = version == null ? ModelId.of(model) : ModelId.of(model, version);
    SearchSettings settings = WrongUsage.unlessAccepted(command, options::settings);
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

  private List<DetectorStrain> namedFiles() throws IOException {
    List<DetectorStrain> sources = new ArrayList<>();
    for (String argument : strain) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw WrongUsage.of(
            command, "--strain %s: expected IFO=FILE, such as H1=strain.hdf5".formatted(argument));
      }
      String ifo = argument.substring(0, equals);
      Optional<String> channel = Optional.ofNullable(channels.remove(ifo));
      List<Path> files = StrainArguments.files(ifo, argument.substring(equals + 1), channel);
      sources.add(new DetectorStrain(ifo, files, channel));
    }
    if (sources.size() != 2) {
      throw WrongUsage.of(
          command, "--strain is given %d times (expected: twice)".formatted(sources.size()));
    }
    if (!channels.isEmpty()) {
      throw WrongUsage.of(
          command, "--channel names %s, which no --strain has".formatted(channels.keySet()));
    }
    return sources;
  }
}
