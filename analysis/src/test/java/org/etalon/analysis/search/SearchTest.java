package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jhdf.HdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
  private static final long START = 1_000_000_000;
  private static final int SECONDS = 24;
  private static final double MERGER = 11.3;
  private static final double DELAY = 0.006;

  @TempDir Path folder;
  private DetectorStrain h1 = DetectorStrain.of("H1", Path.of("unset"));
  private DetectorStrain l1 = h1;

  /** H1 at 4096 Hz and L1 at 2048 Hz, both with a burst, and one more in each alone. */
  @BeforeEach
  void makeStrain() {
    double[] first = StrainFiles.noise(SECONDS * 4096, 1);
    StrainFiles.burst(first, 4096, MERGER, 12);
    StrainFiles.burst(first, 4096, 5.7, 12);
    double[] second = StrainFiles.noise(SECONDS * 2048, 2);
    StrainFiles.burst(second, 2048, MERGER - DELAY, 12);
    StrainFiles.burst(second, 2048, 18.2, 12);
    h1 = DetectorStrain.of("H1", StrainFiles.write(folder.resolve("H-1.hdf5"), first, START, 4096));
    l1 =
        DetectorStrain.of("L1", StrainFiles.write(folder.resolve("L-1.hdf5"), second, START, 2048));
  }

  @Test
  void findsWhatBothDetectorsSawAndWhenEachDid() throws IOException {
    SearchResult result = search("out", 64, 4, 1);

    SearchEvent event = result.events().getFirst();
    assertThat(seconds(event.detectorGpsNs().getFirst())).isCloseTo(MERGER, within(0.004));
    assertThat(seconds(event.detectorGpsNs().getLast())).isCloseTo(MERGER - DELAY, within(0.004));
    assertThat(event.detectionStatistic())
        .isGreaterThan(result.events().get(1).detectionStatistic() + 1);
    assertThat(event.isUpperLimit()).isTrue();
    assertThat(result.model()).isEqualTo(ModelId.of("coincidence", 3));
    double yearsOfBackground = result.backgroundLivetimeNs() / 1e9 / 31_557_600;
    assertThat(event.farPerYear() * yearsOfBackground).isCloseTo(1, within(1e-12));
  }

  @Test
  void writesTheSameBytesWhateverIsInFlight() throws IOException {
    search("a", 64, 1, 1);
    search("b", 64, 7, 99);

    for (String name : List.of("foreground.csv", "events.hdf5", "report.html")) {
      assertThat(folder.resolve("b").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("a").resolve(name));
    }
    assertThat(names("a"))
        .containsExactly("events.hdf5", "foreground.csv", "report.html", "run.json");
  }

  @Test
  void goesOnAfterTheLastSlideItFinished() throws IOException {
    SearchResult whole = search("whole", 64, 4, 1);
    assertThatThrownBy(() -> search("stopped", new CoincidenceService(2048, 5).failingAfter(1500)))
        .isInstanceOf(ServingException.class);
    assertThat(names("stopped")).containsExactly("progress");

    long asked;
    try (var service = new CoincidenceService(2048, 6)) {
      SearchResult resumed = search("stopped", service);
      asked = service.windows();
      assertThat(resumed.events()).isEqualTo(whole.events());
    }

    assertThat(asked).isBetween(1L, windows() - 1000);
    for (String name : List.of("foreground.csv", "events.hdf5", "report.html")) {
      assertThat(folder.resolve("stopped").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(name));
    }
    assertThat(names("stopped")).doesNotContain("progress");
  }

  @Test
  void refusesTheProgressOfAnotherSearch() {
    assertThatThrownBy(() -> search("out", new CoincidenceService(2048, 5).failingAfter(700)))
        .isInstanceOf(ServingException.class);
    SearchConfig other = config("out").with(SearchSettings.defaults().with().slides(3).build());

    assertThatThrownBy(() -> run(other, new CoincidenceService(2048, 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("progress of another search")
        .hasMessageContaining("slides: 3");
  }

  @Test
  void refusesAFolderThatHasSomethingElse() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("full")).resolve("thesis.tex"), "x");

    assertThatThrownBy(() -> search("full", 64, 4, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("thesis.tex");
  }

  @Test
  void leavesAFolderAloneThatOnlyLooksLikeProgress() throws IOException {
    Path progress = Files.createDirectories(folder.resolve("mine").resolve("progress"));
    Files.writeString(progress.resolve("thesis.tex"), "x");

    assertThatThrownBy(() -> search("mine", 64, 4, 1)).hasMessageContaining("thesis.tex");
    assertThat(progress.resolve("thesis.tex")).exists();
  }

  @Test
  void writesEventsAndBackgroundAsHdf5() throws IOException {
    SearchResult result = search("out", 64, 4, 1);

    try (var file = new HdfFile(folder.resolve("out").resolve("events.hdf5"))) {
      long[] times = (long[]) file.getDatasetByPath("/foreground/gps_time_ns").getData();
      double[] background =
          (double[]) file.getDatasetByPath("/background/detection_statistic").getData();
      assertThat(times)
          .containsExactly(result.events().stream().mapToLong(SearchEvent::gpsNs).toArray());
      assertThat(background).hasSize(result.backgroundEvents()).isSorted();
      assertThat(file.getByPath("/background").getAttribute("livetime_seconds").getData())
          .isEqualTo(result.backgroundLivetimeNs() / 1e9);
    }
  }

  @Test
  void searchesOnlyTheTimesAskedForAndNoGaps() throws IOException {
    double[] gapped = StrainFiles.noise(SECONDS * 2048, 2);
    Arrays.fill(gapped, 15 * 2048 + 100, 16 * 2048, Double.NaN);
    l1 =
        DetectorStrain.of("L1", StrainFiles.write(folder.resolve("gap.hdf5"), gapped, START, 2048));
    SearchConfig within =
        config("out").within(SegmentList.of(Segment.ofSeconds(START + 2, START + 100)));

    SearchResult result = run(within, new CoincidenceService(2048, 1));

    // [2, 15) and [16, 24) less 1 s of filter each hold 12 - 1 and 7 - 1 s of window starts.
    assertThat(result.livetimeNs()).isEqualTo((11 * 16 + 1 - 11 + 6 * 16 + 1 - 11) * 62_500_000L);
  }

  @Test
  void searchesTheShortestStrain() throws IOException {
    h1 = noise("short-h.hdf5", "H1", 4, 4);
    l1 = noise("short-l.hdf5", "L1", 4, 5);

    SearchResult result = search("out", 64, 4, 1);

    // Of 3 s whitened, 33 windows give 22 averages; the slides by 1 and 2 s have 2 s in a row.
    assertThat(result.livetimeNs()).isEqualTo(22 * 62_500_000L);
    assertThat(result.backgroundLivetimeNs()).isEqualTo(2 * 6 * 62_500_000L);
    assertThat(folder.resolve("out").resolve("report.html")).isNotEmptyFile();
  }

  @Test
  void saysInOneGoWhatIsWrongWithSettings() {
    assertThatThrownBy(
            () -> SearchSettings.defaults().with().batchSize(0).inferenceSamplingRateHz(7).build())
        .hasMessageContaining("batchSize: 0 (expected: 1 to 4096)")
        .hasMessageContaining(
            "inferenceSamplingRateHz: 7 (expected: a divisor of sampleRateHz=2048)");
  }

  @Test
  void searchesALongStretchInRings() throws IOException {
    SearchSettings rings =
        SearchSettings.defaults().with().blockSeconds(5).ringSeconds(10).slides(2).build();

    SearchResult result = run(config("out").with(rings), new CoincidenceService(2048, 1));

    // 23 s whitened are rings of 7, 8 and 8 s, of which each loses a kernel and an integration.
    assertThat(result.livetimeNs()).isEqualTo((20 * 16 + 3 - 3 * 11) * 62_500_000L);
    long detectedNs = result.events().getFirst().detectorGpsNs().getFirst();
    assertThat(seconds(detectedNs)).isCloseTo(MERGER, within(0.004));
  }

  @Test
  void saysWhatEachFileHasWhenNothingIsCommon() {
    double[] strain = StrainFiles.noise(SECONDS * 2048, 2);
    l1 =
        DetectorStrain.of(
            "L1", StrainFiles.write(folder.resolve("late.hdf5"), strain, START + 22, 2048));

    assertThatThrownBy(() -> search("out", 64, 4, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "is [[1000000022, 1000000024)] (expected: at least 4.0 s without a gap)")
        .hasMessageContaining("H-1.hdf5: strain/Strain (4096.0 Hz) [[1000000000, 1000000024)]")
        .hasMessageContaining("late.hdf5");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void refusesStrainBelowTheModelsRate() {
    l1 =
        DetectorStrain.of(
            "L1",
            StrainFiles.write(
                folder.resolve("slow.hdf5"), StrainFiles.noise(24_000, 2), START, 1000));

    assertThatThrownBy(() -> search("out", 64, 4, 1))
        .hasMessage(
            "L1 strain at 1000 Hz (expected: at least the model's 2048 Hz, and a ratio of small"
                + " numbers)");
  }

  @Test
  void refusesMoreSlidesThanThereAre() {
    SearchConfig many = config("out").with(SearchSettings.defaults().with().slides(23).build());

    assertThatThrownBy(() -> run(many, new CoincidenceService(2048, 1)))
        .hasMessageContaining("slides: 23 (expected: 1 to 22 different ones");
  }

  @Test
  void joinsFilesThatFollowEachOther() throws IOException {
    double[] all = StrainFiles.noise(SECONDS * 2048, 2);
    StrainFiles.burst(all, 2048, MERGER - DELAY, 12);
    Path whole = StrainFiles.write(folder.resolve("all.hdf5"), all, START, 2048);
    int cut = 9 * 2048;
    Path early =
        StrainFiles.write(folder.resolve("early.hdf5"), Arrays.copyOf(all, cut), START, 2048);
    Path late =
        StrainFiles.write(
            folder.resolve("late.hdf5"), Arrays.copyOfRange(all, cut, all.length), START + 9, 2048);

    l1 = DetectorStrain.of("L1", whole);
    SearchResult one = search("one", 64, 4, 1);
    l1 = DetectorStrain.of("L1", late, early);
    SearchResult two = search("two", 64, 4, 1);

    assertThat(two.events()).isEqualTo(one.events());
  }

  private DetectorStrain noise(String name, String ifo, int seconds, long seed) {
    double[] strain = StrainFiles.noise(seconds * 2048, seed);
    return DetectorStrain.of(ifo, StrainFiles.write(folder.resolve(name), strain, START, 2048));
  }

  private long windows() {
    Segment span = new Segment(0, (SECONDS - 1) * 1_000_000_000L);
    var ring = new Ring(0, span, span, 2048);
    long windows = 0;
    for (int k = 0; k < SECONDS - 1; k++) {
      windows += TimeSlide.of(k, ring, SearchSettings.defaults()).windows();
    }
    return windows;
  }

  private SearchConfig config(String output) {
    return SearchConfig.of(h1, l1, ModelId.of("coincidence"), folder.resolve(output));
  }

  private SearchResult search(String output, int batchSize, int maxInFlight, long seed)
      throws IOException {
    SearchSettings settings =
        SearchSettings.defaults().with().batchSize(batchSize).maxInFlight(maxInFlight).build();
    return run(config(output).with(settings), new CoincidenceService(2048, seed));
  }

  private SearchResult search(String output, CoincidenceService service) throws IOException {
    return run(config(output), service);
  }

  private static SearchResult run(SearchConfig config, CoincidenceService service)
      throws IOException {
    try (service) {
      SearchResult result = Search.run(config, service, SearchProgress.NONE);
      assertThat(service.openResponses()).isZero();
      return result;
    }
  }

  private List<String> names(String output) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(output))) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static double seconds(long gpsNs) {
    return (gpsNs - START * 1_000_000_000L) / 1e9;
  }
}
