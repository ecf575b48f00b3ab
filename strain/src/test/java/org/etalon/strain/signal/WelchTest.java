package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.etalon.strain.signal.Welch.Average;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WelchTest {
  @ParameterizedTest
  @CsvSource({"1, MEAN", "2, MEAN", "4, MEAN", "1, MEDIAN", "2, MEDIAN", "4, MEDIAN"})
  void equalsScipys(int seconds, Average average) {
    Psd psd = Welch.of(4096, seconds, average).estimate(Reference.array("synthetic"));

    assertThat(psd.frequencyStepHz()).isEqualTo(1.0 / seconds);
    Reference.assertClose(
        Reference.everySeventh(psd.values()),
        Reference.array("psd_%s_%ds_every7".formatted(lower(average), seconds)),
        1e-12);
  }

  @Test
  void equalsScipysForOddSegmentsAndOtherWindows() {
    double[] window = Window.tukey(1001, 0.25, Window.Sampling.PERIODIC);

    Psd psd = Welch.of(4096, window, 300, Average.MEAN).estimate(Reference.array("synthetic"));

    Reference.assertClose(
        Reference.everySeventh(psd.values()), Reference.array("psd_odd_every7"), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"H1, MEAN", "H1, MEDIAN", "L1, MEAN", "L1, MEDIAN"})
  void equalsScipysOnRealStrain(String ifo, Average average) {
    double[] strain = Reference.strain(ifo);
    for (int seconds : new int[] {1, 2, 4}) {
      Psd psd = Welch.of(4096, seconds, average).estimate(strain);

      double[] expected =
          Reference.shared("psd.npz", "%s_%s_%ds".formatted(ifo, lower(average), seconds));
      Reference.assertClose(psd.values(), expected, 1e-9);
      double[] ratio = psd.values();
      for (int k = 0; k < ratio.length; k++) {
        ratio[k] /= expected[k];
      }
      // Bin by bin too: strain's density spans 12 decades, so the largest alone proves little.
      double[] ones = new double[ratio.length];
      Arrays.fill(ones, 1);
      Reference.assertClose(ratio, ones, 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"MEAN, welch", "MEDIAN, median"})
  void equalsGwpysOnRealStrain(Average average, String method) {
    Psd psd = Welch.of(4096, 4, average).estimate(Reference.strain("H1"));

    Reference.assertClose(
        psd.values(), Reference.shared("psd_gwpy.npz", "H1_" + method + "_4s"), 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"MEAN", "MEDIAN"})
  void whiteNoiseOfUnitVarianceHasTheDensityTwoOverTheRate(Average average) {
    double[] noise = FftTest.noise(1 << 18, 5);

    double[] values = Welch.of(512, 1, average).estimate(noise).values();

    double mean = Series.mean(values, 1, values.length - 2);
    // 1023 overlapping segments, averaged over 255 bins: the scatter is well below a percent.
    assertThat(mean * 512 / 2).isBetween(0.99, 1.01);
  }

  @Test
  void interpolatesBetweenValuesAndHoldsTheLast() {
    var psd = new Psd(new double[] {1, 3, 4}, 2);

    assertThat(psd.interpolate(6, 1).values()).containsExactly(1, 2, 3, 3.5, 4, 4);
    assertThat(psd.amplitude()).containsExactly(1, Math.sqrt(3), 2);
  }

  @Test
  void refusesShortSeriesAndGaps() {
    Welch welch = Welch.of(16, 1, Average.MEAN);
    double[] gap = new double[32];
    gap[20] = Double.NaN;

    assertThatIllegalArgumentException()
        .isThrownBy(() -> welch.estimate(new double[15]))
        .withMessageContaining("15 samples (expected: at least 16)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> welch.estimate(gap))
        .withMessageContaining("sample 20: NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> Welch.of(16, 0.03, Average.MEAN));
  }

  private static String lower(Average average) {
    return average == Average.MEAN ? "mean" : "median";
  }
}
