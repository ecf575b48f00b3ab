package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** White noise of two detectors with two bursts in both, in frames of a second. */
class LiveSearchTest {
  private final List<Long> noted = new ArrayList<>();

  private static final long START = 1_000_000_000;
  private static final int SECONDS = 70;
  private static final int RATE = 4096;
  private static final double FIRST = 20.3;
  private static final double SECOND = 52.6;
  private static final double DELAY = 0.005;

  @TempDir private Path folder;

  private final List<Segment> gaps = new ArrayList<>();

  private SearchConfig config(String output, Set<Integer> missingInL1) throws IOException {
    SearchSettings settings = SearchSettings.defaults().with().slides(6).build();
    return new SearchConfig(
        List.of(detector("H1", 1, 0, Set.of()), detector("L1", 2, DELAY, missingInL1)),
        ModelId.of("coincidence"),
        folder.resolve(output),
        Optional.empty(),
        settings);
  }

  private DetectorStrain detector(String ifo, int seed, double delay, Set<Integer> missing)
      throws IOException {
    Path data = folder.resolve(ifo);
    String channel = ifo + ":STRAIN";
    if (!Files.exists(data)) {
      Files.createDirectories(data);
      double[] strain = StrainFiles.noise(SECONDS * RATE, seed);
      StrainFiles.burst(strain, RATE, FIRST - delay, 8);
      StrainFiles.burst(strain, RATE, SECOND - delay, 8);
      for (int second = 0; second < SECONDS; second++) {
        if (!missing.contains(second)) {
          double[] part = Arrays.copyOfRange(strain, second * RATE, (second + 1) * RATE);
          write(data, channel, second, part);
        }
      }
    }
    return new DetectorStrain(ifo, List.of(data), Optional.of(channel));
  }

  private static void write(Path data, String channel, int second, double[] samples)
      throws IOException {
    Segment span = Segment.ofSeconds(START + second, START + second + 1);
    MemorySegment values = MemorySegment.ofArray(new byte[samples.length * Double.BYTES]);
    MemorySegment.copy(samples, 0, values, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, samples.length);
    ChannelInfo info =
        new ChannelInfo(
            channel, ChannelInfo.Kind.PROC, SampleType.FLOAT64, RATE, "", List.of(span));
    Path file = data.resolve("%c-TEST-%d-1.gwf".formatted(channel.charAt(0), START + second));
    try (FrameWriter writer = FrameWriter.create(file, FramePacking.RAW)) {
      writer.write(span, List.of(new ChannelData(info, values)));
      writer.finish();
    }
  }

  private LiveSearchResult follow(
      SearchConfig config, CoincidenceService service, List<LiveCandidate> told)
      throws IOException, InterruptedException {
    LiveListener listener =
        new LiveListener() {
          @Override
          public void missing(Segment span) {
            gaps.add(span);
          }

          @Override
          public void skipped(Segment span) {
            throw new AssertionError(span + " is skipped");
          }

          @Override
          public void late(Path path) {
            throw new AssertionError(path + " is late");
          }

          @Override
          public void unreadable(Path path, String reason) {
            throw new AssertionError(path + ": " + reason);
          }
        };
    LiveSettings live =
        LiveSettings.defaults()
            .withPatience(Duration.ZERO)
            .from(GpsTime.ofSeconds(START))
            .until(GpsTime.ofSeconds(START + SECONDS));
    try (service) {
      LiveSearchListener heard =
          new LiveSearchListener() {
            @Override
            public void candidate(LiveCandidate candidate) {
              told.add(candidate);
            }

            @Override
            public void noted(long restartNs) {
              noted.add(restartNs);
            }
          };
      LiveSearchResult result = LiveSearch.run(config, live, service, heard, listener);
      assertThat(service.openResponses()).isZero();
      return result;
    }
  }

  /** The loudest told around an instant. */
  private static LiveCandidate loudest(List<LiveCandidate> told, long gpsNs) {
    return told.stream()
        .filter(candidate -> Math.abs(candidate.gpsNs() - gpsNs) < GpsTime.NS_PER_SECOND)
        .max((a, b) -> Double.compare(a.detectionStatistic(), b.detectionStatistic()))
        .orElseThrow();
  }

  /** What the search of the archive finds. */
  private List<SearchEvent> loudestTwo(SearchConfig config) throws IOException {
    List<DetectorStrain> files = new ArrayList<>();
    for (DetectorStrain detector : config.detectors()) {
      try (Stream<Path> frames = Files.list(detector.files().getFirst())) {
        files.add(new DetectorStrain(detector.ifo(), frames.toList(), detector.channel()));
      }
    }
    SearchConfig archive =
        new SearchConfig(
            files, config.model(), folder.resolve("archive"), Optional.empty(), config.settings());
    try (var service = new CoincidenceService(2048, 2)) {
      return Search.run(archive, service, SearchProgress.NONE).events().subList(0, 2);
    }
  }

  @Test
  void findsWhatTheSearchOfTheArchiveFindsAsSoonAsItCan() throws Exception {
    SearchConfig config = config("live", Set.of());
    List<LiveCandidate> told = new ArrayList<>();

    LiveSearchResult result = follow(config, new CoincidenceService(2048, 1), told);

    for (SearchEvent event : loudestTwo(config)) {
      LiveCandidate found = loudest(told, event.gpsNs());
      assertThat(found.gpsNs()).isCloseTo(event.gpsNs(), within(4_000_000L));
      // The PSD is that of other strain, and few segments: 0.3 of a score of 7.
      assertThat(found.detectionStatistic()).isCloseTo(event.detectionStatistic(), within(0.3));
      assertThat(found.significance().orElseThrow().isUpperLimit()).isTrue();
      // A second of windows, half a filter, and the frame of a second that this ends in.
      assertThat((found.dataGpsNs() - found.gpsNs()) / 1e9).isLessThan(1 + 0.5625 + 0.0625 + 1);
    }
    assertThat(noted)
        .hasSizeGreaterThan(2)
        .isSorted()
        .allMatch(ns -> ns >= GpsTime.ofSeconds(START))
        .allMatch(ns -> ns < GpsTime.ofSeconds(START + SECONDS));
    // A PSD is there after 8 s, less half a filter; the last 0.5625 s are not whitened.
    int windows = 16 * (SECONDS - 8) + 8 - 9 - 15;
    assertThat(result.livetimeSeconds()).isCloseTo((windows - 11) / 16.0, within(1e-9));
    assertThat(result.backgroundSeconds())
        .isCloseTo((6 * (windows - 11) - 16 * (1 + 2 + 3 + 4 + 5 + 6)) / 16.0, within(1e-9));
    List<String> lines = Files.readAllLines(config.output().resolve("foreground.csv"));
    assertThat(lines).hasSize((int) result.candidates() + 1);
    assertThat(lines.getFirst())
        .isEqualTo(Files.readAllLines(folder.resolve("archive/foreground.csv")).getFirst());
    assertThat(Files.readAllLines(config.output().resolve("candidates.jsonl")))
        .hasSameSizeAs(told)
        .allMatch(line -> line.startsWith("{\"gps_time\":10000000"));
  }

  @Test
  void goesOnWithItsPsdAfterAShortGap() throws Exception {
    SearchConfig config = config("live", Set.of(49));
    List<LiveCandidate> told = new ArrayList<>();

    LiveSearchResult result = follow(config, new CoincidenceService(2048, 1), told);

    assertThat(gaps).containsExactly(Segment.ofSeconds(START + 49, START + 50));
    for (SearchEvent event : loudestTwo(config)) {
      assertThat(loudest(told, event.gpsNs()).detectionStatistic())
          .isCloseTo(event.detectionStatistic(), within(0.3));
    }
    int before = 16 * (49 - 8) + 8 - 9 - 15;
    int after = 16 * (SECONDS - 50) - 8 - 9 - 15;
    assertThat(result.livetimeSeconds()).isCloseTo((before - 11 + after - 11) / 16.0, within(1e-9));
  }

  @Test
  void goesOnWhereItWasStoppedAndWritesTheSame() throws Exception {
    Set<Integer> missing = Set.of(30);
    SearchConfig whole = config("whole", missing);
    LiveSearchResult expected = follow(whole, new CoincidenceService(2048, 1), new ArrayList<>());
    SearchConfig stopped = config("stopped", missing);
    for (int windows : new int[] {1200, 2500, 3000, 5500}) {
      assertThatThrownBy(() ->
              follow(
                  stopped,
                  new CoincidenceService(2048, windows).failingAfter(windows),
                  new ArrayList<>()))
          .isInstanceOf(ServingException.class);
    }

    LiveSearchResult resumed = follow(stopped, new CoincidenceService(2048, 7), new ArrayList<>());

    assertThat(resumed.candidates()).isEqualTo(expected.candidates());
    assertThat(resumed.livetimeSeconds()).isEqualTo(expected.livetimeSeconds());
    assertThat(resumed.backgroundSeconds()).isEqualTo(expected.backgroundSeconds());
    for (String name : List.of("foreground.csv", "background.csv")) {
      assertThat(folder.resolve("stopped").resolve(name))
          .hasSameTextualContentAs(folder.resolve("whole").resolve(name));
    }
    assertThat(withoutLatency("stopped")).isEqualTo(withoutLatency("whole"));
  }

  private List<String> withoutLatency(String output) throws IOException {
    return Files.readAllLines(folder.resolve(output).resolve("candidates.jsonl")).stream()
        .map(line -> line.substring(0, line.indexOf("\"latency_seconds\"")))
        .toList();
  }

  @Test
  void refusesAnotherSearchsFolderAndStrainThatIsNotLive() throws Exception {
    SearchConfig config = config("live", Set.of());
    follow(config, new CoincidenceService(2048, 1), new ArrayList<>());
    SearchConfig other = config.with(config.settings().with().slides(2).build());

    assertThatThrownBy(() -> follow(other, new CoincidenceService(2048, 1), new ArrayList<>()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("slides: 6")
        .hasMessageContaining("slides: 2");
    SearchConfig unnamed =
        SearchConfig.of(
            DetectorStrain.of("H1", folder),
            DetectorStrain.of("L1", folder),
            config.model(),
            folder.resolve("unnamed"));
    assertThatThrownBy(() -> follow(unnamed, new CoincidenceService(2048, 1), new ArrayList<>()))
        .hasMessageContaining("H1: files")
        .hasMessageContaining("channel none (expected live: one folder and the channel's name)");
  }
}
