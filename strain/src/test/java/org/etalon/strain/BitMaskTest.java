package org.etalon.strain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class BitMaskTest {
  private static final List<Segment> SPANS =
      List.of(Segment.ofSeconds(10, 14), Segment.ofSeconds(20, 22));
  private final BitMask mask = BitMask.of(data("0:DATA 1:CBC_CAT1 ", 1, 3, 3, 0, 2, 2));

  @Test
  void givesTheTimeABitIsSet() {
    assertThat(mask.segments("DATA")).isEqualTo(SegmentList.of(Segment.ofSeconds(10, 13)));
    assertThat(mask.segments(1))
        .isEqualTo(mask.segments("CBC_CAT1"))
        .isEqualTo(SegmentList.of(Segment.ofSeconds(11, 13), Segment.ofSeconds(20, 22)));
    assertThat(mask.segments(7)).isEqualTo(SegmentList.empty());
  }

  @Test
  void namesTheBitsItHas() {
    assertThat(mask.names()).containsExactly("DATA", "CBC_CAT1");
    assertThat(BitMask.of(data("counts", 1, 1, 1, 1, 1, 1)).names()).isEmpty();
    assertThatThrownBy(() -> mask.segments("CBC_CAT9"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected one of: [DATA, CBC_CAT1]");
  }

  private static ChannelData data(String unit, int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    var info = new ChannelInfo("DQMASK", ChannelInfo.Kind.PROC, SampleType.UINT8, 1, unit, SPANS);
    return new ChannelData(info, MemorySegment.ofArray(bytes));
  }
}
