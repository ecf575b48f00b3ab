package org.etalon.strain.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.TimeSeries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveSourceTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void givesEverySampleThatAllChannelsHaveOnceAndInOrder(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    SegmentList fast = write("FAST", List.of("X1:A", "X1:B"), 64, random);
    SegmentList slow = write("SLOW", List.of("X1:C"), 16, random);
    StrainCatalog all = StrainCatalog.of(List.of(folder));
    List<ChannelSet> sets =
        List.of(
            new ChannelSet(all.with("X1:C"), List.of("X1:C")),
            new ChannelSet(all.with("X1:B"), List.of("X1:B", "X1:A")));
    List<Segment> spans = new ArrayList<>();
    try (StrainSource source =
        ArchiveSource.open(sets, Duration.ofMillis(random.nextInt(1, 40) * 250L))) {
      for (var chunk = source.next(); chunk.isPresent(); chunk = source.next()) {
        assertThat(chunk.get().channels().stream().map(TimeSeries::channel))
            .containsExactly("X1:C", "X1:B", "X1:A");
        chunk.get().channels().forEach(ArchiveSourceTest::assertTellsItsTime);
        Segment span = chunk.get().span();
        assertThat(chunk.get().channels()).allMatch(each -> each.segment().equals(span));
        spans.add(chunk.get().span());
      }
    }
    assertThat(spans).isSorted();
    SegmentList expected = onSlowSamples(fast.intersection(slow));
    assertThat(new SegmentList(spans)).isEqualTo(expected);
    assertThat(spans.stream().mapToLong(Segment::durationNs).sum())
        .isEqualTo(expected.livetimeNs());
  }

  @Test
  void opensAFileOnlyWhenItsTurnComes() throws Exception {
    FrameFolder.write(folder, "A", 10, 4, "X1:A");
    Path second = FrameFolder.write(folder, "A", 14, 4, "X1:A");
    Files.writeString(second, "no frame file");
    var set = new ChannelSet(StrainCatalog.of(List.of(folder)).with("X1:A"), List.of("X1:A"));
    try (StrainSource source = ArchiveSource.open(List.of(set), Duration.ofSeconds(100))) {
      assertThat(source.next().orElseThrow().span()).isEqualTo(Segment.ofSeconds(10, 14));
      assertThatThrownBy(source::next).hasMessageContaining("X-A-14-4.gwf: not a strain file");
    }
  }

  @Test
  void givesTheTimesThatAreAskedForAlone() throws Exception {
    FrameFolder.write(folder, "A", 10, 10, "X1:A");
    FrameFolder.write(folder, "A", 20, 10, "X1:A");
    var set = new ChannelSet(StrainCatalog.of(List.of(folder)), List.of("X1:A"));
    SegmentList times =
        SegmentList.of(
            Segment.ofSeconds(0, 5), Segment.ofSeconds(12, 13), Segment.ofSeconds(15, 22));
    List<Segment> spans = new ArrayList<>();
    try (StrainSource source = ArchiveSource.open(List.of(set), times, Duration.ofSeconds(9))) {
      for (var chunk = source.next(); chunk.isPresent(); chunk = source.next()) {
        spans.add(chunk.get().span());
      }
    }
    assertThat(spans)
        .containsExactly(
            Segment.ofSeconds(12, 13), Segment.ofSeconds(15, 20), Segment.ofSeconds(20, 22));
  }

  @Test
  void refusesFilesThatOverlapAndThoseThatHoldAnotherTimeThanTheySay() throws Exception {
    FrameFolder.write(folder, "A", 10, 4, "X1:A");
    FrameFolder.write(folder, "A", 13, 4, "X1:A");
    assertThatThrownBy(() -> StrainCatalog.of(List.of(folder)).with("X1:A"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("X-A-10-4.gwf and ")
        .hasMessageContaining("X-A-13-4.gwf overlap: [10, 14) and [13, 17)");
    Files.move(folder.resolve("X-A-13-4.gwf"), folder.resolve("X-A-20-4.gwf"));
    var set = new ChannelSet(StrainCatalog.of(List.of(folder)), List.of("X1:A"));
    try (StrainSource source = ArchiveSource.open(List.of(set), Duration.ofSeconds(9))) {
      source.next();
      assertThatThrownBy(source::next)
          .hasMessageContaining(
              "X-A-20-4.gwf: channel X1:A has [13, 17) (expected: within [20, 24)");
    }
  }

  /** Files of 1 to 8 s with gaps between and NaN within; the times of the samples. */
  private SegmentList write(
      String description, List<String> channels, int rateHz, SplittableRandom random)
      throws IOException {
    List<Segment> present = new ArrayList<>();
    long start = 1_000_000_000;
    for (int i = 0; i < 8; i++) {
      start += random.nextInt(3) / 2 * random.nextLong(1, 5);
      Segment span = Segment.ofSeconds(start, start + random.nextInt(1, 9));
      start = span.endNs() / GpsTime.NS_PER_SECOND;
      long samples = GpsTime.samples(span.durationNs(), rateHz);
      long first = GpsTime.samples(span.startNs(), rateHz);
      long from = random.nextLong(samples);
      long to = random.nextBoolean() ? from : random.nextLong(from, samples);
      FrameFolder.write(
          folder.resolve(description),
          description,
          span,
          channels,
          rateHz,
          sample -> sample - first >= from && sample - first < to ? 0 : 1);
      Segment hole =
          new Segment(
              span.startNs() + GpsTime.durationNs(from, rateHz),
              span.startNs() + GpsTime.durationNs(to, rateHz) + (from == to ? 1 : 0));
      present.addAll(from == to ? List.of(span) : SegmentList.of(hole).complement(span).segments());
    }
    return new SegmentList(present);
  }

  /** A piece begins and ends where every channel has a sample. */
  private static SegmentList onSlowSamples(SegmentList times) {
    long step = GpsTime.NS_PER_SECOND / 16;
    List<Segment> whole = new ArrayList<>();
    for (Segment span : times.segments()) {
      long from = -Math.floorDiv(-span.startNs(), step) * step;
      long to = Math.floorDiv(span.endNs(), step) * step;
      if (to > from) {
        whole.add(new Segment(from, to));
      }
    }
    return new SegmentList(whole);
  }

  private static void assertTellsItsTime(TimeSeries series) {
    for (int i = 0; i < series.size(); i++) {
      double expected = FrameFolder.sample(series.startNs(), series.sampleRateHz(), i);
      assertThat(series.samples()[i]).isEqualTo(expected);
    }
  }
}
