package org.etalon.strain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimeSeriesTest {
  private static final long START = GpsTime.ofSeconds(1_000_000_000L);
  private final TimeSeries series =
      new TimeSeries("H1:X", START, 4, IntStream.range(0, 40).asDoubleStream().toArray());

  @Test
  void cropsToWholeSamples() {
    TimeSeries cropped =
        series.crop(new Segment(START + 500_000_000L, START + GpsTime.ofSeconds(2)));
    assertThat(cropped.samples()).containsExactly(2, 3, 4, 5, 6, 7);
    assertThat(cropped.startNs()).isEqualTo(START + 500_000_000L);
    assertThat(cropped.endNs()).isEqualTo(START + GpsTime.ofSeconds(2));
  }

  @Test
  void refusesACropBetweenSamples() {
    assertThatThrownBy(() -> series.crop(new Segment(START + 1, START + 250_000_000L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no sample at 1000000000.000000001");
  }

  @Test
  void refusesACropPastItsEnds() {
    assertThatThrownBy(() -> series.crop(new Segment(START, START + GpsTime.ofSeconds(11))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: within [1000000000, 1000000010)");
  }
}
