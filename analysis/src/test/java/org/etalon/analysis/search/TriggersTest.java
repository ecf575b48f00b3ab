package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TriggersTest {
  private static final SearchSettings SETTINGS = SearchSettings.defaults();
  private static final int STRIDE = SETTINGS.stride();
  private static final int CLUSTER = 4 * 2048;

  @Test
  void averagesNeighbours() {
    assertThat(Triggers.average(new float[] {9, 1, 2, 6, 9}, 1, 4, 2)).containsExactly(1.5f, 4);
    assertThat(Triggers.average(new float[] {1, 2}, 0, 2, 3)).isEmpty();
  }

  @Test
  void findsAPlateauAsOneCandidateAtItsMiddle() {
    float[] scores = new float[300];
    for (int i = 100; i < 114; i++) {
      scores[i] = 8;
    }

    List<Trigger> found = new Triggers(SETTINGS).find(scores, slide(0, scores.length));

    assertThat(found.getFirst().statistic()).isEqualTo(8);
    assertThat(found.getFirst().window()).isBetween(100, 102);
    assertThat(found).filteredOn(trigger -> trigger.statistic() > 0).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void keepsTheLoudestAndNothingNearIt(long seed) {
    TimeSlide slide = slide(seed % 2 == 0 ? 20 * 2048 : 0, 1500);
    float[] scores = noise(slide.windows(), seed);

    List<Trigger> found = new Triggers(SETTINGS).find(scores, slide);

    for (int i = 0; i < found.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(found.get(j).statistic()).isGreaterThanOrEqualTo(found.get(i).statistic());
        int distance =
            slide.firstSample(found.get(i).window()) - slide.firstSample(found.get(j).window());
        assertThat(Math.abs(distance)).isGreaterThanOrEqualTo(CLUSTER);
      }
    }
    assertEveryAverageIsNearALouderOne(slide, scores, found);
  }

  private static void assertEveryAverageIsNearALouderOne(
      TimeSlide slide, float[] scores, List<Trigger> found) {
    float loudest = Float.NEGATIVE_INFINITY;
    for (int[] run :
        new int[][] {
          {0, slide.windowsBeforeSeam()}, {slide.windowsBeforeSeam(), slide.windows()}
        }) {
      for (float average : Triggers.average(scores, run[0], run[1], 12)) {
        loudest = Math.max(loudest, average);
      }
    }
    assertThat(found.getFirst().statistic()).isEqualTo(loudest);
    // Local maxima that were dropped lie within the cluster time of a kept, louder one: so kept
    // ones
    // are at most two cluster times and the width of a maximum apart.
    List<Integer> at = found.stream().map(t -> slide.firstSample(t.window())).sorted().toList();
    for (int i = 1; i < at.size(); i++) {
      assertThat(at.get(i) - at.get(i - 1)).isLessThan(3 * CLUSTER);
    }
  }

  @Test
  void doesNotAverageOverTheSeam() {
    TimeSlide slide = slide(20 * 2048, 1500);
    float[] scores = new float[slide.windows()];
    int seam = slide.windowsBeforeSeam();
    scores[seam - 1] = 12;
    scores[seam] = 12;

    List<Trigger> found = new Triggers(SETTINGS).find(scores, slide);

    assertThat((double) found.getFirst().statistic()).isCloseTo(1, within(1e-6));
  }

  private static TimeSlide slide(int shift, int windows) {
    return new TimeSlide(shift == 0 ? 0 : 1, shift, 2048 + (windows - 1) * STRIDE, 2048, STRIDE);
  }

  private static float[] noise(int size, long seed) {
    var random = new Random(seed);
    float[] noise = new float[size];
    for (int i = 0; i < size; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    return noise;
  }
}
