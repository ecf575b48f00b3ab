package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FftTest {
  @ParameterizedTest
  @ValueSource(strings = {"u", "v"})
  void equalsNumpysRfft(String name) {
    double[] series = Reference.array(name);

    double[] spectrum = Fft.ofSize(series.length).forward(series);

    Reference.assertClose(spectrum, Reference.array("rfft_" + name), 1e-14);
  }

  @Test
  void equalsTheDefinitionForEverySmallSize() {
    for (int size = 1; size <= 40; size++) {
      double[] series = noise(size, size);
      Reference.assertClose(Fft.ofSize(size).forward(series), definition(series), 1e-13);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void inverseUndoesForwardForAnySize(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      double[] series = noise(1 + random.nextInt(1 << random.nextInt(1, 16)), seed);
      Fft fft = Fft.ofSize(series.length);

      Reference.assertClose(fft.inverse(fft.forward(series)), series, 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {65536, 131072, 99991, 147456})
  void keepsTheEnergyOfLongSeries(int size) {
    double[] series = noise(size, size);
    Fft fft = Fft.ofSize(size);
    double[] spectrum = fft.forward(series);
    double energy = 0;
    for (double x : series) {
      energy += x * x;
    }
    double spectral = 0;
    for (int k = 0; k < fft.bins(); k++) {
      double power = spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
      spectral += k == 0 || 2 * k == size ? power : 2 * power;
    }

    assertThat(spectral / size / energy).isBetween(1 - 1e-12, 1 + 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 3000, 2003})
  void oneTransformServesManyThreads(int size) {
    Fft fft = Fft.ofSize(size);
    double[][] expected = new double[64][];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = fft.forward(noise(size, i));
    }

    double[][] actual =
        IntStream.range(0, expected.length)
            .parallel()
            .mapToObj(i -> fft.forward(noise(size, i)))
            .toArray(double[][]::new);

    assertThat(actual).isDeepEqualTo(expected);
  }

  @Test
  void refusesArraysOfAnotherSize() {
    Fft fft = Fft.ofSize(8);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> fft.forward(new double[7]))
        .withMessage("series: 7 numbers (expected: 8)");
    assertThatIllegalArgumentException().isThrownBy(() -> fft.inverse(new double[9]));
    assertThatIllegalArgumentException().isThrownBy(() -> Fft.ofSize(0));
  }

  static double[] noise(int size, long seed) {
    var random = new Random(seed);
    double[] series = new double[size];
    for (int i = 0; i < size; i++) {
      series[i] = random.nextGaussian();
    }
    return series;
  }

  private static double[] definition(double[] series) {
    int n = series.length;
    double[] spectrum = new double[2 * (n / 2 + 1)];
    for (int k = 0; k <= n / 2; k++) {
      for (int j = 0; j < n; j++) {
        double phase = -2 * Math.PI * ((long) j * k % n) / n;
        spectrum[2 * k] += series[j] * Math.cos(phase);
        spectrum[2 * k + 1] += series[j] * Math.sin(phase);
      }
    }
    return spectrum;
  }
}
