package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.etalon.strain.signal.Welch.Average;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WhiteningTest {
  private static final WhiteningSettings BBH = new WhiteningSettings(2048, 1, 20);

  @Test
  void inverseSpectrumTruncationEqualsItsDefinitionInNumpy() {
    double[] series = Resampling.polyphase(Reference.array("synthetic"), 1, 2);
    Psd psd = Welch.of(2048, 2, Average.MEDIAN).estimate(series);
    var whitening = InverseSpectrumWhitening.of(psd, series.length, BBH);

    Reference.assertClose(
        Reference.everySeventh(whitening.transferFunction()),
        Reference.array("whitening_transfer_every7"),
        1e-11);
    Reference.assertClose(
        Reference.everySeventh(whitening.whiten(series)), Reference.array("white_every7"), 1e-11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"H1", "L1"})
  void inverseSpectrumTruncationEqualsTheReferenceOnRealStrain(String ifo) {
    double[] series = Resampling.polyphase(Reference.strain(ifo), 1, 2);
    Psd psd = Welch.of(2048, 2, Average.MEDIAN).estimate(series);
    Reference.assertClose(psd.values(), Reference.shared("whiten_fir.npz", ifo + "_psd"), 1e-9);
    var whitening = InverseSpectrumWhitening.of(psd, series.length, BBH);

    double[] transfer = whitening.transferFunction();
    double[] everyEighth = new double[transfer.length / 8 + 1];
    for (int i = 0; i < everyEighth.length; i++) {
      everyEighth[i] = transfer[8 * i];
    }
    Reference.assertClose(everyEighth, Reference.shared("whiten_fir.npz", ifo + "_filter"), 1e-9);
    Reference.assertClose(
        whitening.whiten(series), Reference.shared("whiten_fir.npz", ifo + "_white"), 1e-9);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 30})
  void firWhiteningEqualsGwpys(int highpassHz) {
    double[] series = Reference.array("synthetic");
    Psd psd = Welch.of(4096, 2, Average.MEDIAN).estimate(series);
    var settings = new WhiteningSettings(4096, 1, highpassHz);

    double[] white = FirWhitening.of(psd, series.length, settings).whiten(series);

    Reference.assertClose(
        Reference.everySeventh(white),
        Reference.array("white_gwpy_" + highpassHz + "_every7"),
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"H1", "L1"})
  void firWhiteningEqualsGwpysOnRealStrain(String ifo) {
    double[] strain = Reference.strain(ifo);
    Psd psd = Welch.of(4096, 4, Average.MEDIAN).estimate(strain);
    var settings = new WhiteningSettings(4096, 2, 0);

    double[] white = FirWhitening.of(psd, strain.length, settings).whiten(strain);

    Reference.assertClose(
        Arrays.copyOfRange(white, 14 * 4096, 18 * 4096),
        Reference.shared("whiten_gwpy.npz", ifo),
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void colouredNoiseComesOutWithUnitVariance(long seed) {
    double[] noise = FftTest.noise(1 << 17, seed);
    double[] coloured = new double[noise.length];
    double past = 0;
    for (int i = 0; i < noise.length; i++) {
      past = 0.9 * past + 1e-21 * noise[i];
      coloured[i] = past;
    }
    Psd psd = Welch.of(2048, 1, Average.MEAN).estimate(coloured);
    var settings = new WhiteningSettings(2048, 1, 0);

    double[] cut = InverseSpectrumWhitening.of(psd, noise.length, settings).whiten(coloured);
    double[] whole = FirWhitening.of(psd, noise.length, settings).whiten(coloured);

    assertThat(cut).hasSize(noise.length - 2048);
    // 131072 samples: the variance scatters by 0.4 %; the filter's window costs about as much.
    assertThat(variance(cut)).isBetween(0.98, 1.02);
    assertThat(variance(Arrays.copyOfRange(whole, 1024, whole.length - 1024)))
        .isBetween(0.98, 1.02);
  }

  @Test
  void aShortTransientReachesNoFurtherThanHalfTheFilter() {
    var psd = new Psd(new double[] {3, 2, 1, 1, 2}, 256);
    double[] pulse = new double[8192];
    pulse[4096] = 1;
    pulse[4097] = -1;
    var whitening =
        InverseSpectrumWhitening.of(psd, pulse.length, new WhiteningSettings(2048, 0.5, 0));
    double[] fir =
        FirWhitening.of(psd, pulse.length, new WhiteningSettings(2048, 0.5, 0)).whiten(pulse);

    for (int i = 0; i < fir.length; i++) {
      if (Math.abs(i - 4096) > 513) {
        assertThat(fir[i]).isCloseTo(0, org.assertj.core.data.Offset.offset(1e-15));
      }
    }
    assertThat(whitening.croppedSamples()).isEqualTo(512);
  }

  @Test
  void refusesAZeroDensityInThePassband() {
    var psd = new Psd(new double[] {0, 1, 0, 1, 1}, 256);

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> InverseSpectrumWhitening.of(psd, 8192, new WhiteningSettings(2048, 0.5, 20)))
        .withMessageContaining("PSD at 512.0 Hz: 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> InverseSpectrumWhitening.of(psd, 1000, new WhiteningSettings(2048, 0.5, 20)));
    assertThatIllegalArgumentException().isThrownBy(() -> new WhiteningSettings(2048, 0.5, 1024));
  }

  private static double variance(double[] series) {
    double mean = Series.mean(series, 0, series.length);
    double sum = 0;
    for (double x : series) {
      sum += (x - mean) * (x - mean);
    }
    return sum / series.length;
  }
}
