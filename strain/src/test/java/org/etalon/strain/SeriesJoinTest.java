package org.etalon.strain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeriesJoinTest {
  private static final long START = GpsTime.ofSeconds(1_000_000_000L);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void restoresASeriesFromOverlappingPiecesInAnyOrder(long seed) {
    var random = new SplittableRandom(seed);
    TimeSeries whole = series(START, random.doubles(1000).toArray());
    List<TimeSeries> pieces = new ArrayList<>();
    for (int from = 0; from < whole.size(); ) {
      int to = Math.min(whole.size(), from + 1 + random.nextInt(200));
      int begin = Math.max(0, from - random.nextInt(50));
      pieces.add(series(timeNs(begin), Arrays.copyOfRange(whole.samples(), begin, to)));
      from = to;
    }
    Collections.shuffle(pieces, new Random(seed));
    List<TimeSeries> joined = SeriesJoin.join(pieces);
    assertThat(joined).hasSize(1);
    assertThat(joined.getFirst().startNs()).isEqualTo(START);
    assertThat(joined.getFirst().samples()).containsExactly(whole.samples());
  }

  @Test
  void keepsGaps() {
    var first = series(START, 1, 2);
    var second = series(timeNs(3), 4, 5);
    assertThat(SeriesJoin.join(List.of(second, first))).containsExactly(first, second);
    assertThat(SeriesJoin.join(List.of())).isEmpty();
  }

  @Test
  void refusesSeriesThatDisagreeWhereTheyOverlap() {
    assertThatThrownBy(() -> SeriesJoin.join(List.of(series(START, 1, 2), series(timeNs(1), 3, 4))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("H1:X at 1000000000.25 is both 2.0 and 3.0");
  }

  @Test
  void refusesASeriesBetweenTheSamplesOfAnother() {
    assertThatThrownBy(
            () -> SeriesJoin.join(List.of(series(START, 1, 2), series(START + 1000, 1, 2))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsAChannelFromAFolderOfFrames() throws IOException {
    Path folder =
        Path.of(System.getProperty("etalon.shared", "absent"), "data", "deepclean", "frames");
    assumeTrue(Files.exists(folder), "needs ../shared/data: " + folder);
    List<Path> files;
    try (var all = Files.list(folder)) {
      files = all.filter(file -> file.toString().contains("HOFT")).toList();
    }
    List<TimeSeries> joined = SeriesJoin.read(files, "H1:GDS-CALIB_STRAIN");
    assertThat(joined.stream().map(TimeSeries::segment))
        .containsExactly(Segment.ofSeconds(1262304000, 1262304012));
  }

  private static TimeSeries series(long startNs, double... samples) {
    return new TimeSeries("H1:X", startNs, 4, samples);
  }

  private static long timeNs(int sample) {
    return START + GpsTime.durationNs(sample, 4);
  }
}
