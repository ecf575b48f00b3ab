package org.etalon.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.etalon.analysis.search.DetectorStrain;
import org.etalon.analysis.search.Search;
import org.etalon.analysis.search.SearchConfig;
import org.etalon.analysis.search.SearchEvent;
import org.etalon.analysis.search.SearchProgress;
import org.etalon.analysis.search.SearchResult;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.ModelId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchOfExamplesTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("etalon.root", "..")).resolve("examples");
  private static final Path SHARED_DATA =
      Path.of(System.getProperty("etalon.shared", "../../shared")).resolve("data");
  private static final int SLIDES = 4;

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static Engine engine;

  @TempDir Path folder;

  @BeforeAll
  static void startEngine() {
    EngineConfig config = EngineConfig.of(List.of(EXAMPLES.resolve("models")));
    engine = Engine.start(config, Engine.installedBackends());
  }

  @AfterAll
  static void closeEngine() {
    engine.close();
  }

  @Test
  void everyModelPassesItsReference() {
    assertThat(engine.isReady()).isTrue();
    assertThat(engine.isReady(ModelId.of("bbh", 1))).isTrue();
    assertThat(engine.isReady(ModelId.of("bbh", 2))).isTrue();
    assertThat(engine.isReady(ModelId.of("mlp", 1))).isTrue();
  }

  /** Coalescence at H1, from example.json. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void findsBothMergersOfTheExampleAboveAllBackground(long version) throws IOException {
    Path strain = EXAMPLES.resolve("strain");

    SearchResult result =
        search(
            version,
            strain.resolve("H-H1_SIM_4KHZ-1400000000-64.hdf5"),
            strain.resolve("L-L1_SIM_4KHZ-1400000000-64.hdf5"));

    List<SearchEvent> events = result.events();
    assertThat(seconds(events.get(0))).isCloseTo(1400000021.307, within(0.02));
    assertThat(seconds(events.get(1))).isCloseTo(1400000046.730, within(0.02));
    assertThat(events.get(1).detectionStatistic()).isGreaterThan(result.loudestBackground() + 2);
    assertThat(events.get(2).detectionStatistic()).isLessThan(3);
  }

  /** Peak scores as torch and onnxruntime gave them for strain whitened by SciPy. */
  @ParameterizedTest
  @CsvSource({"1,8.93496", "2,6.79922"})
  void findsGw150914AsTheNetworksAuthorsDid(long version, double peakScore) throws IOException {
    Path h1 = SHARED_DATA.resolve("H-H1_LOSC_4_V2-1126259446-32.hdf5");
    Path l1 = SHARED_DATA.resolve("L-L1_LOSC_4_V2-1126259446-32.gwf");
    assumeTrue(Files.exists(h1), "needs ../shared/data: " + h1.getFileName());

    SearchResult result = search(version, h1, l1);

    SearchEvent event = result.events().getFirst();
    assertThat(seconds(event)).isCloseTo(1126259462.42, within(0.02));
    assertThat(event.peakScore()).isCloseTo(peakScore, within(1e-3));
    assertThat(event.detectionStatistic()).isGreaterThan(result.loudestBackground() + 2);
    assertThat(event.detectorGpsNs().getFirst() - event.detectorGpsNs().getLast())
        .as("H1 saw it about 7 ms after L1")
        .isBetween(4_000_000L, 10_200_000L);
  }

  private SearchResult search(long version, Path h1, Path l1) throws IOException {
    SearchConfig config =
        SearchConfig.of(
            DetectorStrain.of("H1", h1),
            DetectorStrain.of("L1", l1),
            ModelId.of("bbh", version),
            folder.resolve("out"));
    var settings = config.settings().with().slides(SLIDES).build();
    return Search.run(config.with(settings), engine, SearchProgress.NONE);
  }

  private static double seconds(SearchEvent event) {
    return event.gpsNs() / 1e9;
  }
}
