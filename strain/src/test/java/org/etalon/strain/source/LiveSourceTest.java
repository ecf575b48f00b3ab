package org.etalon.strain.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.etalon.strain.Segment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSourceTest {
  private static final Duration POLL = Duration.ofMillis(100);

  @TempDir private Path folder;
  private final Script script = new Script();
  private final List<String> told = new ArrayList<>();

  @Test
  void givesFilesAsTheyAppear() throws Exception {
    for (int second = 0; second < 5; second++) {
      int start = 10 + second;
      script.at(second * 1000L, () -> FrameFolder.write(folder, "A", start, 1, "X1:A"));
    }
    assertThat(spans(settings().until(15_000_000_000L)))
        .containsExactly(span(10, 11), span(11, 12), span(12, 13), span(13, 14), span(14, 15));
    assertThat(told).isEmpty();
  }

  @Test
  void goesOnBehindAFileThatDoesNotComeAndTellsOfItWhenItComesLate() throws Exception {
    FrameFolder.write(folder, "A", 10, 1, "X1:A");
    script.at(100, () -> FrameFolder.write(folder, "A", 12, 1, "X1:A"));
    script.at(5000, () -> FrameFolder.write(folder, "A", 11, 1, "X1:A"));
    script.at(5100, () -> FrameFolder.write(folder, "A", 13, 1, "X1:A"));
    assertThat(spans(settings().until(14_000_000_000L)))
        .containsExactly(span(10, 11), span(12, 13), span(13, 14));
    assertThat(told).containsExactly("missing [11, 12)", "late X-A-11-1.gwf");
  }

  @Test
  void doesNotCallFilesLateThatAreOlderThanWhereItBegins() throws Exception {
    for (int start = 8; start < 14; start++) {
      FrameFolder.write(folder, "A", start, 1, "X1:A");
    }
    script.at(100, () -> FrameFolder.write(folder, "A", 7, 1, "X1:A"));
    script.at(200, () -> FrameFolder.write(folder, "A", 14, 1, "X1:A"));
    assertThat(spans(settings().from(12_000_000_000L).until(15_000_000_000L)))
        .containsExactly(span(12, 13), span(13, 14), span(14, 15));
    assertThat(told).isEmpty();
  }

  @Test
  void waitsForAFileThatIsOutOfOrderWithinThePatience() throws Exception {
    FrameFolder.write(folder, "A", 10, 1, "X1:A");
    script.at(100, () -> FrameFolder.write(folder, "A", 12, 1, "X1:A"));
    script.at(1500, () -> FrameFolder.write(folder, "A", 11, 1, "X1:A"));
    assertThat(spans(settings().until(13_000_000_000L)))
        .containsExactly(span(10, 11), span(11, 12), span(12, 13));
    assertThat(told).isEmpty();
  }

  @Test
  void takesAFileThatIsWrittenInPlaceOnlyWhenItIsWhole() throws Exception {
    Path whole = FrameFolder.write(folder, "A", 10, 1, "X1:A");
    byte[] bytes = Files.readAllBytes(whole);
    Files.write(whole, Arrays.copyOf(bytes, bytes.length / 2));
    script.at(1000, () -> Files.write(whole, bytes));
    assertThat(spans(settings().until(11_000_000_000L))).containsExactly(span(10, 11));
    assertThat(told).isEmpty();
  }

  @Test
  void passesOverAFileThatStaysBroken() throws Exception {
    FrameFolder.write(folder, "A", 10, 1, "X1:A");
    Files.writeString(folder.resolve("X-A-11-1.gwf"), "broken");
    script.at(100, () -> FrameFolder.write(folder, "A", 12, 1, "X1:A"));
    assertThat(spans(settings().until(13_000_000_000L)))
        .containsExactly(span(10, 11), span(12, 13));
    assertThat(told.stream().sorted())
        .hasSize(2)
        .satisfies(lines -> assertThat(lines.getFirst()).isEqualTo("missing [11, 12)"))
        .satisfies(lines -> assertThat(lines.getLast()).startsWith("unreadable X-A-11-1.gwf: "));
  }

  @Test
  void givesChannelsOfTwoKindsOfFilesTogether() throws Exception {
    FrameFolder.write(folder, "A", 10, 1, "X1:A");
    FrameFolder.write(folder, "A", 11, 1, "X1:A");
    script.at(1000, () -> FrameFolder.write(folder, "B", 10, 2, "X1:B"));
    List<LiveFolder> folders =
        List.of(new LiveFolder(folder, List.of("X1:A")), new LiveFolder(folder, List.of("X1:B")));
    assertThat(spans(folders, settings().until(12_000_000_000L)))
        .containsExactly(span(10, 11), span(11, 12));
  }

  @Test
  void beginsWhereItIsTold() throws Exception {
    FrameFolder.write(folder, "A", 10, 4, "X1:A");
    assertThat(spans(settings().from(12_000_000_000L).until(13_000_000_000L)))
        .containsExactly(span(12, 13));
  }

  @Test
  void goesOnWithTheNewestWhenItIsTooFarBehindAndTellsWhatItLeavesOut() throws Exception {
    FrameFolder.write(folder, "A", 10, 1, "X1:A");
    FrameFolder.write(folder, "B", 10, 1, "X1:B");
    LiveSettings settings =
        settings()
            .from(10_000_000_000L)
            .until(21_000_000_000L)
            .withMaxBehind(Duration.ofSeconds(5));
    List<LiveFolder> folders =
        List.of(new LiveFolder(folder, List.of("X1:A")), new LiveFolder(folder, List.of("X1:B")));
    List<Segment> spans = new ArrayList<>();
    script.run();
    try (StrainSource source = LiveSource.open(folders, settings, new Notes(), script)) {
      spans.add(source.next().orElseThrow().span());
      for (int second = 11; second < 21; second++) { // all of it while the reader was busy
        FrameFolder.write(folder, "A", second, 1, "X1:A");
        FrameFolder.write(folder, "B", second, 1, "X1:B");
      }
      for (var chunk = source.next(); chunk.isPresent(); chunk = source.next()) {
        spans.add(chunk.get().span());
      }
    }

    assertThat(spans).containsExactly(span(10, 11), span(20, 21));
    assertThat(told).containsExactly("skipped [11, 20)");
  }

  private static LiveSettings settings() {
    LiveSettings usual = LiveSettings.defaults();
    return new LiveSettings(
        POLL, Duration.ofSeconds(2), usual.maxBehind(), usual.startNs(), usual.endNs());
  }

  private List<Segment> spans(LiveSettings settings) throws Exception {
    return spans(List.of(new LiveFolder(folder, List.of("X1:A"))), settings);
  }

  private List<Segment> spans(List<LiveFolder> folders, LiveSettings settings) throws Exception {
    List<Segment> spans = new ArrayList<>();
    script.run();
    try (StrainSource source = LiveSource.open(folders, settings, new Notes(), script)) {
      for (var chunk = source.next(); chunk.isPresent(); chunk = source.next()) {
        spans.add(chunk.get().span());
      }
    }
    return spans;
  }

  private static Segment span(long from, long to) {
    return Segment.ofSeconds(from, to);
  }

  private final class Notes implements LiveListener {
    @Override
    public void missing(Segment span) {
      told.add("missing " + span);
    }

    @Override
    public void skipped(Segment span) {
      told.add("skipped " + span);
    }

    @Override
    public void late(Path path) {
      told.add("late " + path.getFileName());
    }

    @Override
    public void unreadable(Path path, String reason) {
      told.add("unreadable " + path.getFileName() + ": " + reason);
    }
  }

  /** Time that passes only while somebody waits, and what happens in it. */
  private static final class Script implements Ticker {
    private final TreeMap<Long, Step> steps = new TreeMap<>();
    private long now;

    interface Step {
      Object run() throws IOException;
    }

    void at(long ms, Step step) {
      steps.put(ms, step);
    }

    void run() throws IOException {
      while (!steps.isEmpty() && steps.firstKey() <= now / 1_000_000) {
        steps.pollFirstEntry().getValue().run();
      }
    }

    @Override
    public long nowNs() {
      return now;
    }

    @Override
    public void sleep(Duration duration) {
      now += duration.toNanos();
      if (now > 60_000_000_000L) {
        throw new IllegalStateException("waited for a minute");
      }
      try {
        run();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
