package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplingTest {
  private static final double[] SERIES = Reference.array("synthetic");

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 3", "4, 1", "3, 7"})
  void polyphaseEqualsScipys(int up, int down) {
    Reference.assertClose(
        Reference.everySeventh(Resampling.polyphase(SERIES, up, down)),
        Reference.array("poly_%d_%d_every7".formatted(up, down)),
        1e-13);
  }

  @Test
  void polyphaseEqualsScipysForAnOddLength() {
    Reference.assertClose(
        Reference.everySeventh(Resampling.polyphase(Arrays.copyOf(SERIES, 4097), 1, 2)),
        Reference.array("poly_1_2_odd_every7"),
        1e-13);
  }

  @ParameterizedTest
  @CsvSource({"2", "5"})
  void decimateEqualsScipys(int factor) {
    Reference.assertClose(
        Reference.everySeventh(Resampling.decimate(SERIES, factor)),
        Reference.array("decimate_" + factor + "_every7"),
        1e-9);
  }

  @Test
  void decimateFirEqualsScipys() {
    Reference.assertClose(
        Reference.everySeventh(Resampling.decimateFir(SERIES, 2)),
        Reference.array("decimate_fir_2_every7"),
        1e-13);
  }

  @ParameterizedTest
  @CsvSource({
    "32768, 16384",
    "32768, 10001",
    "4096, 5000",
    "4096, 4096",
    "4097, 2048",
    "4097, 6000"
  })
  void fourierEqualsScipys(int from, int to) {
    Reference.assertClose(
        Reference.everySeventh(Resampling.fourier(Arrays.copyOf(SERIES, from), to)),
        Reference.array("fourier_%d_%d_every7".formatted(from, to)),
        1e-12);
  }

  @Test
  void equalScipysOnRealStrain() {
    double[] strain = Reference.strain("H1");

    assertMiddle(Resampling.polyphase(strain, 1, 2), "H1_poly", 1e-9);
    assertMiddle(Resampling.decimateFir(strain, 2), "H1_decimate_fir", 1e-9);
    assertMiddle(Resampling.decimate(strain, 2), "H1_decimate_iir", 1e-6);
    assertMiddle(Resampling.fourier(strain, strain.length / 2), "H1_fft", 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "3, 2", "2, 5", "16, 1", "147, 160"})
  void aSineStaysTheSameSine(int up, int down) {
    double[] sine = sine(4000, 0.02);

    double[] resampled = Resampling.polyphase(sine, up, down);

    double[] expected = sine(resampled.length, 0.02 * down / up);
    int edge = 20 * up / down + 20 * 2;
    for (int i = edge; i < resampled.length - edge; i++) {
      // Beta 5 leaves a passband ripple of about 54 dB.
      assertThat(resampled[i]).isCloseTo(expected[i], org.assertj.core.data.Offset.offset(3e-3));
    }
  }

  @Test
  void aPeriodicSineSurvivesTheFourierMethodExactly() {
    double[] resampled = Resampling.fourier(sine(1000, 0.013), 1300);

    Reference.assertClose(resampled, sine(1300, 0.01), 1e-12);
  }

  @Test
  void polyphaseFilterEqualsScipysFirwin() {
    double[] window = Window.kaiser(41, 5, Window.Sampling.SYMMETRIC);

    Reference.assertClose(
        Resampling.lowpass(0.5, window), Reference.shared("resample.npz", "poly_taps"), 1e-14);
  }

  @Test
  void refusesFactorsBelowOne() {
    assertThatIllegalArgumentException().isThrownBy(() -> Resampling.polyphase(SERIES, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Resampling.decimate(SERIES, -2));
    assertThatIllegalArgumentException().isThrownBy(() -> Resampling.fourier(SERIES, 0));
  }

  private static void assertMiddle(double[] resampled, String name, double tolerance) {
    Reference.assertClose(
        Arrays.copyOfRange(resampled, 14 * 2048, 18 * 2048),
        Reference.shared("resample.npz", name),
        tolerance);
  }

  private static double[] sine(int size, double cyclesPerSample) {
    double[] sine = new double[size];
    for (int i = 0; i < size; i++) {
      sine[i] = Math.sin(2 * Math.PI * cyclesPerSample * i);
    }
    return sine;
  }
}
