package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.etalon.strain.signal.CrossCorrelation.Lag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossCorrelationTest {
  @ParameterizedTest
  @ValueSource(ints = {-40, -1, 0, 7, 40})
  void findsTheShiftAndTheSign(int shift) {
    double[] noise = FftTest.noise(1100, 1);
    double[] first = Arrays.copyOfRange(noise, 50, 1050);
    double[] second = Arrays.copyOfRange(noise, 50 - shift, 1050 - shift);
    for (int i = 0; i < second.length; i++) {
      second[i] *= -3;
    }

    Lag lag = CrossCorrelation.largest(first, second, 45);

    assertThat(lag.samples()).isEqualTo(shift);
    assertThat(lag.coefficient()).isBetween(-1 - 1e-12, -0.9);
  }

  @Test
  void equalsTheDefinition() {
    double[] first = FftTest.noise(100, 1);
    double[] second = FftTest.noise(100, 2);
    double largest = 0;
    for (int lag = -99; lag <= 99; lag++) {
      double sum = 0;
      for (int i = Math.max(0, -lag); i < Math.min(100, 100 - lag); i++) {
        sum += first[i] * second[i + lag];
      }
      largest = Math.abs(sum) > Math.abs(largest) ? sum : largest;
    }
    double norms = Math.sqrt(energy(first) * energy(second));

    assertThat(CrossCorrelation.largest(first, second, 99).coefficient())
        .isCloseTo(largest / norms, Offset.offset(1e-12));
  }

  @Test
  void gw150914ReachesHanfordSevenMillisecondsAfterLivingston() {
    double[] hanford = around(Reference.strain("H1"));
    double[] livingston = around(Reference.strain("L1"));

    Lag lag = CrossCorrelation.largest(livingston, hanford, 41);

    // Abbott et al., PRL 116, 061102 (2016): 6.9 +0.5 -0.4 ms, and the detectors see it upside
    // down.
    assertThat(lag.samples() / 4096.0).isBetween(6.5e-3, 7.4e-3);
    assertThat(lag.coefficient()).isLessThan(-0.5);
  }

  @Test
  void refusesSeriesThatCannotBeCompared() {
    double[] noise = FftTest.noise(10, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrossCorrelation.largest(noise, new double[9], 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrossCorrelation.largest(noise, new double[10], 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrossCorrelation.largest(noise, noise, 10));
  }

  /** Whitened, band-passed, 0.2 s up to the merger at 16.42 s. */
  private static double[] around(double[] strain) {
    Psd psd = Welch.of(4096, 4, Welch.Average.MEDIAN).estimate(strain);
    var settings = new WhiteningSettings(4096, 2, 0);
    double[] white = FirWhitening.of(psd, strain.length, settings).whiten(strain);
    double[] band = Butterworth.bandpass(4, 43, 300, 4096).filterBothWays(white);
    return Arrays.copyOfRange(band, (int) (16.25 * 4096), (int) (16.45 * 4096));
  }

  private static double energy(double[] series) {
    double sum = 0;
    for (double x : series) {
      sum += x * x;
    }
    return sum;
  }
}
