package org.etalon.strain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelDataTest {
  @Test
  void readsUnsignedIntegersAsPositive() {
    assertThat(data(SampleType.UINT8, (byte) 0xFF).doubles()).containsExactly(255);
    assertThat(data(SampleType.UINT16, (byte) 0xFE, (byte) 0xFF).doubles()).containsExactly(65534);
    byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};
    assertThat(data(SampleType.UINT64, ones).doubles()).containsExactly(0x1p64);
    assertThat(data(SampleType.INT64, ones).doubles()).containsExactly(-1);
  }

  @Test
  void cutsSeriesAtMissingFramesAndAtNan() {
    double[] samples = {Double.NaN, 1, 2, Double.NaN, 4, 5};
    var bytes = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(samples);
    var spans = List.of(Segment.ofSeconds(10, 15), Segment.ofSeconds(20, 21));
    var info = new ChannelInfo("X", ChannelInfo.Kind.PROC, SampleType.FLOAT64, 1, "", spans);
    List<TimeSeries> series = new ChannelData(info, MemorySegment.ofArray(bytes.array())).series();
    assertThat(series.stream().map(TimeSeries::segment))
        .containsExactly(
            Segment.ofSeconds(11, 13), Segment.ofSeconds(14, 15), Segment.ofSeconds(20, 21));
    assertThat(series.get(0).samples()).containsExactly(1, 2);
    assertThat(series.get(1).samples()).containsExactly(4);
    assertThat(series.get(2).samples()).containsExactly(5);
  }

  @Test
  void refusesValuesThatDoNotFillItsSpans() {
    assertThatThrownBy(() -> data(SampleType.INT32, (byte) 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: 4");
  }

  private static ChannelData data(SampleType type, byte... one) {
    var info =
        new ChannelInfo("X", ChannelInfo.Kind.ADC, type, 1, "", List.of(Segment.ofSeconds(0, 1)));
    return new ChannelData(info, MemorySegment.ofArray(one));
  }
}
