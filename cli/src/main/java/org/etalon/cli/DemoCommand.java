package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.analysis.search.DetectorStrain;
import org.etalon.analysis.search.Search;
import org.etalon.analysis.search.SearchConfig;
import org.etalon.analysis.search.SearchResult;
import org.etalon.analysis.search.SearchSettings;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.ModelId;
import org.etalon.server.EtalonServer;
import org.etalon.server.ServerConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code etalon demo}: the whole way in one command. A real server on free loopback ports serves
 * the examples, and the search asks it over gRPC, as it would ask a server elsewhere.
 */
@Command(
    name = "demo",
    description =
        "Serves the example models, finds the mergers in a minute of simulated strain (or in public strain around an event), writes a report.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final String MODEL = "bbh";
  private static final Duration GRACE = Duration.ofSeconds(10);

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "The folder for the results (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("etalon-demo");

  @Option(names = "--event", description = "Public strain around this event, such as GW150914.")
  private @Nullable String event;

  @Mixin private GwoscOptions gwosc = new GwoscOptions();

  @Override
  public Integer call() throws IOException {
    Path examples = Home.folder().resolve("examples");
    List<DetectorStrain> strain =
        event == null
            ? simulated(examples.resolve("strain"))
            : EventStrain.fetch(gwosc.config(), event, List.of("H1", "L1"));
    Path folder = freshFolder();
    EngineConfig config = EngineConfig.of(List.of(examples.resolve("models")));
    try (Engine engine = Engine.start(config, Engine.installedBackends());
        EtalonServer server = EtalonServer.start(onFreePorts(), engine)) {
      String url = "grpc://127.0.0.1:" + server.ports().grpc().orElseThrow();
      System.err.println("etalon: serving " + examples.resolve("models") + " at " + url);
      search(strain, folder, url);
      server.drain().join();
    }
    return 0;
  }

  private void search(List<DetectorStrain> strain, Path folder, String url) throws IOException {
    SearchConfig config =
        new SearchConfig(
            strain, ModelId.of(MODEL), folder, Optional.empty(), SearchSettings.defaults());
    try (EtalonClient client = EtalonClient.open(ClientConfig.of(url));
        SearchBars bars = new SearchBars()) {
      SearchResult result = Search.run(config, client, bars);
      bars.close();
      CandidateTable.print(result, false);
    }
  }

  private static List<DetectorStrain> simulated(Path folder) throws IOException {
    return List.of(
        DetectorStrain.of("H1", only(folder, "H-H1_*.hdf5")),
        DetectorStrain.of("L1", only(folder, "L-L1_*.hdf5")));
  }

  private static Path only(Path folder, String pattern) throws IOException {
    try (var files = Files.newDirectoryStream(folder, pattern)) {
      for (Path file : files) {
        return file;
      }
    }
    throw new IOException(
        "%s: no file %s (expected: the example strain)".formatted(folder, pattern));
  }

  /** The demo can be run again: its own earlier results are not in the way. */
  private Path freshFolder() {
    Path folder = output;
    for (int i = 2; isResult(folder); i++) {
      folder = output.resolveSibling(output.getFileName() + "-" + i);
    }
    return folder;
  }

  private static boolean isResult(Path folder) {
    return Files.exists(folder.resolve("report.html"));
  }

  private static ServerConfig onFreePorts() {
    return ServerConfig.at("127.0.0.1", 0, 0, 0, GRACE);
  }
}
