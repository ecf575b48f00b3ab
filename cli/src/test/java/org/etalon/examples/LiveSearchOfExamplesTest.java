package org.etalon.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.etalon.analysis.search.DetectorStrain;
import org.etalon.analysis.search.LiveCandidate;
import org.etalon.analysis.search.LiveSearch;
import org.etalon.analysis.search.Search;
import org.etalon.analysis.search.SearchConfig;
import org.etalon.analysis.search.SearchEvent;
import org.etalon.analysis.search.SearchProgress;
import org.etalon.analysis.search.SearchSettings;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.ModelId;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Strain in frames of a second, followed, beside the search of the whole files. */
class LiveSearchOfExamplesTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("etalon.root", "..")).resolve("examples");
  private static final Path SHARED_DATA =
      Path.of(System.getProperty("etalon.shared", "../../shared")).resolve("data");
  private static final double NS = 1e9;

  /** A kernel's rest behind the merger, half a filter, a stride, and the rest of a frame. */
  private static final double DATA_SECONDS = 1 + 0.5625 + 0.0625 + 1;

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static Engine engine;

  @TempDir private Path folder;

  private long startNs;
  private long endNs;

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
  void findsTheMergersOfTheExampleWhereTheSearchOfTheFilesDoes() throws Exception {
    Path strain = EXAMPLES.resolve("strain");

    List<LiveCandidate> told =
        compare(
            strain.resolve("H-H1_SIM_4KHZ-1400000000-64.hdf5"),
            strain.resolve("L-L1_SIM_4KHZ-1400000000-64.hdf5"),
            2);

    assertThat(told.get(1).significance().orElseThrow().isUpperLimit()).isTrue();
  }

  @Test
  void findsGw150914WhereTheSearchOfTheFilesDoes() throws Exception {
    Path h1 = SHARED_DATA.resolve("H-H1_LOSC_4_V2-1126259446-32.gwf");
    assumeTrue(Files.exists(h1), "needs ../shared/data: " + h1.getFileName());

    List<LiveCandidate> told =
        compare(h1, SHARED_DATA.resolve("L-L1_LOSC_4_V2-1126259446-32.gwf"), 1);

    assertThat(told.getFirst().gpsNs() / NS).isCloseTo(1126259462.42, within(0.02));
  }

  /** The loudest candidates of the live search, which are those of the search of the files. */
  private List<LiveCandidate> compare(Path h1, Path l1, int loudest) throws Exception {
    SearchSettings settings = SearchSettings.defaults().with().slides(4).build();
    SearchConfig archive =
        new SearchConfig(
            List.of(DetectorStrain.of("H1", h1), DetectorStrain.of("L1", l1)),
            ModelId.of("bbh"),
            folder.resolve("archive"),
            Optional.empty(),
            settings);
    List<SearchEvent> expected =
        Search.run(archive, engine, SearchProgress.NONE).events().subList(0, loudest);
    SearchConfig live =
        new SearchConfig(
            List.of(frames("H1", h1), frames("L1", l1)),
            ModelId.of("bbh"),
            folder.resolve("live"),
            Optional.empty(),
            settings);
    LiveSettings following =
        LiveSettings.defaults().withPatience(Duration.ZERO).from(startNs).until(endNs);
    List<LiveCandidate> told = new ArrayList<>();
    LiveSearch.run(live, following, engine, told::add, LiveListener.none());

    List<LiveCandidate> found = new ArrayList<>();
    for (SearchEvent event : expected) {
      LiveCandidate same =
          told.stream()
              .filter(candidate -> Math.abs(candidate.gpsNs() - event.gpsNs()) < NS)
              .max(Comparator.comparingDouble(LiveCandidate::detectionStatistic))
              .orElseThrow();
      assertThat(same.gpsNs() / NS).isCloseTo(event.gpsNs() / NS, within(0.01));
      // The file's PSD is of all its strain, the live one of what has passed.
      assertThat(same.detectionStatistic()).isCloseTo(event.detectionStatistic(), within(0.2));
      assertThat((same.dataGpsNs() - same.gpsNs()) / NS).isLessThan(DATA_SECONDS);
      found.add(same);
    }
    return found;
  }

  /** Cuts a file into frames of a second in a folder of their own. */
  private DetectorStrain frames(String ifo, Path whole) throws IOException {
    Path data = Files.createDirectory(folder.resolve(ifo));
    String channel = ifo + ":STRAIN";
    try (StrainFile file = StrainFile.open(whole)) {
      TimeSeries strain = file.readSeries(file.strainChannel());
      startNs = strain.startNs();
      endNs = strain.endNs();
      for (long at = startNs; at < endNs; at += 1_000_000_000L) {
        write(data, channel, strain.crop(new Segment(at, at + 1_000_000_000L)));
      }
    }
    return new DetectorStrain(ifo, List.of(data), Optional.of(channel));
  }

  private static void write(Path data, String channel, TimeSeries second) throws IOException {
    double[] samples = second.samples();
    MemorySegment values = MemorySegment.ofArray(new byte[samples.length * Double.BYTES]);
    MemorySegment.copy(samples, 0, values, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, samples.length);
    ChannelInfo info =
        new ChannelInfo(
            channel,
            ChannelInfo.Kind.PROC,
            SampleType.FLOAT64,
            second.sampleRateHz(),
            "",
            List.of(second.segment()));
    String name =
        "%c-FRAME-%d-1.gwf".formatted(channel.charAt(0), second.startNs() / 1_000_000_000L);
    try (FrameWriter writer = FrameWriter.create(data.resolve(name), FramePacking.RAW)) {
      writer.write(second.segment(), List.of(new ChannelData(info, values)));
      writer.finish();
    }
  }
}
