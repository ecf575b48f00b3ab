package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.BiFunction;
import org.etalon.strain.signal.Window.Sampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
  @ParameterizedTest
  @CsvSource({
    "hann, 16",
    "hann, 17",
    "hamming, 16",
    "blackman, 16",
    "tukey, 64",
    "tukey, 17",
    "kaiser, 41"
  })
  void equalsScipys(String name, int size) {
    BiFunction<Integer, Sampling, double[]> window =
        switch (name) {
          case "hann" -> Window::hann;
          case "hamming" -> Window::hamming;
          case "blackman" -> Window::blackman;
          case "tukey" -> (n, sampling) -> Window.tukey(n, 0.25, sampling);
          case "kaiser" -> (n, sampling) -> Window.kaiser(n, 5, sampling);
          default -> throw new IllegalArgumentException(name);
        };

    Reference.assertClose(
        window.apply(size, Sampling.SYMMETRIC), Reference.array(name + "_sym_" + size), 2e-15);
    Reference.assertClose(
        window.apply(size, Sampling.PERIODIC), Reference.array(name + "_per_" + size), 2e-15);
  }

  @Test
  void tukeysExtremesAreTheRectangleAndHanns() {
    assertThat(Window.tukey(9, 0, Sampling.SYMMETRIC)).containsOnly(1);
    Reference.assertClose(
        Window.tukey(9, 1, Sampling.SYMMETRIC), Window.hann(9, Sampling.SYMMETRIC), 1e-15);
  }

  @Test
  void ofOneSampleIsOne() {
    assertThat(Window.hann(1, Sampling.PERIODIC)).containsExactly(1);
    assertThat(Window.kaiser(1, 5, Sampling.SYMMETRIC)).containsExactly(1);
  }

  @Test
  void refusesShapesOutsideTheirRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> Window.tukey(8, 1.1, Sampling.PERIODIC));
    assertThatIllegalArgumentException().isThrownBy(() -> Window.kaiser(8, -1, Sampling.PERIODIC));
    assertThatIllegalArgumentException().isThrownBy(() -> Window.hann(0, Sampling.PERIODIC));
  }
}
