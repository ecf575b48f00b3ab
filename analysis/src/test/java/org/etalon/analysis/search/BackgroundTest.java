package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackgroundTest {
  private static final long YEAR_NS = 31_557_600_000_000_000L;

  @Test
  void countsAsLoudOnesAndTheEventItself() {
    var background = new Background(new double[] {3, 1, 2, 2}, 2 * YEAR_NS);

    assertThat(background.louderThan(2)).isEqualTo(3);
    assertThat(background.farPerYear(2)).isCloseTo(2, within(1e-12));
    assertThat(background.farPerYear(3.5)).isCloseTo(0.5, within(1e-12));
    assertThat(background.farPerYear(0)).isCloseTo(2.5, within(1e-12));
    assertThat(background.loudest()).isEqualTo(3);
  }

  @Test
  void givesTheChanceOfAtLeastOneInTheTimeSearched() {
    var background = new Background(new double[] {1}, 10 * YEAR_NS);

    assertThat(background.pValue(2, YEAR_NS)).isCloseTo(1 - Math.exp(-0.1), within(1e-12));
    assertThat(background.pValue(2, 1_000_000_000L))
        .as("small ones keep their digits")
        .isCloseTo(0.1 / 31_557_600, within(1e-17));
  }

  /** Exponential statistics at a known rate: that of those above x is rate * exp(-x). */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void recoversTheRateOfAPoissonProcess(long seed) {
    var random = new Random(seed);
    double years = 5;
    double perYear = 20_000;
    DoubleStream.Builder statistics = DoubleStream.builder();
    double time = 0;
    while ((time -= Math.log(1 - random.nextDouble()) / perYear) < years) {
      statistics.add(-Math.log(1 - random.nextDouble()));
    }
    var background = new Background(statistics.build().toArray(), (long) (years * YEAR_NS));

    for (double statistic = 0; statistic < 6; statistic += 0.5) {
      double expected = perYear * Math.exp(-statistic);
      // Five standard deviations of the count, and the one that is always added.
      double tolerance = (5 * Math.sqrt(expected * years) + 1) / years;
      assertThat(background.farPerYear(statistic)).isCloseTo(expected, within(tolerance));
    }
  }

  @Test
  void refusesNoTime() {
    assertThatThrownBy(() -> new Background(new double[0], 0))
        .hasMessage("livetimeNs: 0 (expected: > 0)");
  }
}
