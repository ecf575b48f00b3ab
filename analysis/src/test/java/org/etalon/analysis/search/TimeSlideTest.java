package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSlideTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void hasEveryWindowThatDoesNotReachOverTheSeam(long seed) {
    var random = new Random(seed);
    int stride = 1 + random.nextInt(8);
    int kernel = 1 + random.nextInt(40);
    int size = kernel + random.nextInt(400);
    int shift = random.nextInt(size);
    List<Integer> expected = new ArrayList<>();
    for (int first = 0; first + kernel <= size; first += stride) {
      if (first + kernel <= shift || first >= shift) {
        expected.add(first);
      }
    }

    var slide = new TimeSlide(1, shift, size, kernel, stride);

    assertThat(slide.windows()).isEqualTo(expected.size());
    for (int w = 0; w < slide.windows(); w++) {
      assertThat(slide.firstSample(w)).isEqualTo(expected.get(w));
      int shifted = slide.firstSampleShifted(w);
      assertThat(shifted + shift).isIn(expected.get(w), expected.get(w) + size);
      assertThat(shifted).isBetween(0, size - kernel);
    }
  }

  @Test
  void losesAtTheSeamAKernelAndAnIntegrationOfLivetime() {
    SearchSettings settings = SearchSettings.defaults();
    int size = 63 * 2048;
    long zeroLag = new TimeSlide(0, 0, size, 2048, 128).livetimeNs(12, 2048);
    long slid = new TimeSlide(5, 5 * 2048, size, 2048, 128).livetimeNs(12, 2048);

    // 62 s hold 993 windows that start 1/16 s apart, and 982 averages of 12.
    assertThat(zeroLag).isEqualTo(982 * settings.strideNs());
    assertThat(zeroLag - slid).isEqualTo((15 + 11) * settings.strideNs());
  }

  @Test
  void countsNoLivetimeWhereAveragesDoNotFit() {
    assertThat(new TimeSlide(1, 2048, 2 * 2048, 2048, 128).livetimeNs(12, 2048)).isZero();
  }

  @Test
  void refusesAShiftAllTheWayRound() {
    assertThatThrownBy(() -> new TimeSlide(1, 100, 100, 10, 1))
        .hasMessage("shift: 100 (expected: 0 to 99)");
  }
}
