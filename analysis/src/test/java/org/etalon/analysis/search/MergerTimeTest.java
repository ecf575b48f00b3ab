package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.etalon.strain.Segment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergerTimeTest {
  private static final long START = 1_000_000_000;
  private static final SearchSettings SETTINGS = SearchSettings.defaults();

  /** A network that answers where the merger is from 0.05 to 0.93 s into its window. */
  @ParameterizedTest
  @CsvSource({"7.3,0.004,1", "9.01,-0.009,2", "5.5,0,3", "12.77,0.0095,4"})
  void findsTheInstantWithinTheWindowsThatAnswer(double merger, double delay, long seed) {
    WhiteStrain strain = strain(merger, delay, seed);
    float[] scores = new float[15 * 16 + 1];
    for (int i = 0; i < scores.length; i++) {
      double into = merger - i / 16.0;
      scores[i] = into > 0.05 && into < 0.93 ? 6 : -1;
    }
    Trigger trigger = new Triggers(SETTINGS).find(scores, slide(strain)).getFirst();
    var mergerTime = new MergerTime(SETTINGS, List.of("H1", "L1"));

    Segment bounds = mergerTime.bounds(scores, trigger, strain.ring());
    List<Long> times = mergerTime.estimate(scores, trigger, strain);

    assertThat(bounds.contains(ns(merger))).isTrue();
    assertThat(bounds.durationNs()).isLessThanOrEqualTo(250_000_000L);
    assertThat((times.getFirst() - ns(merger)) / 1e9).isCloseTo(0, within(0.003));
    assertThat((times.getLast() - ns(merger + delay)) / 1e9).isCloseTo(0, within(0.003));
  }

  private static TimeSlide slide(WhiteStrain strain) {
    return TimeSlide.of(0, strain.ring(), SETTINGS);
  }

  private static WhiteStrain strain(double merger, double delay, long seed) {
    Segment span = Segment.ofSeconds(START, START + 16);
    var random = new Random(seed);
    float[][] detectors = new float[2][16 * 2048];
    for (int d = 0; d < 2; d++) {
      for (int i = 0; i < detectors[d].length; i++) {
        double t = i / 2048.0 - merger - d * delay;
        double burst = 8 * Math.exp(-0.5 * t * t / 1e-5) * Math.cos(2 * Math.PI * 150 * t);
        detectors[d][i] = (float) (random.nextGaussian() + burst);
      }
    }
    return new WhiteStrain(new Ring(0, span, span, 2048), List.of(detectors));
  }

  private static long ns(double seconds) {
    return START * 1_000_000_000L + Math.round(seconds * 1e9);
  }
}
