package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static SecondOrderSections design(String name) {
    return switch (name) {
      case "bp" -> Butterworth.bandpass(4, 35, 350, 4096);
      case "hp" -> Butterworth.highpass(8, 20, 4096);
      case "lp5" -> Butterworth.lowpass(5, 300, 4096);
      case "bs" -> Butterworth.bandstop(3, 55, 65, 4096);
      case "bp5" -> Butterworth.bandpass(5, 100, 900, 4096);
      case "lp1" -> Butterworth.lowpass(1, 10, 4096);
      case "hp3" -> Butterworth.highpass(3, 1900, 4096);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"bp", "hp", "lp5", "bs", "bp5", "lp1", "hp3"})
  void sectionsEqualScipys(String name) {
    Reference.assertClose(design(name).coefficients(), Reference.array("sos_" + name), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bp", "hp", "lp5", "bs", "bp5", "lp1", "hp3"})
  void steadyStateAndBothWaysEqualScipys(String name) {
    var sections = new SecondOrderSections(Reference.array("sos_" + name));

    Reference.assertClose(sections.steadyState(), Reference.array("zi_" + name), 1e-12);
    Reference.assertClose(
        Reference.everySeventh(sections.filterBothWays(Reference.array("synthetic"))),
        Reference.array("both_ways_" + name + "_every7"),
        1e-9);
  }

  @Test
  void causalFilterEqualsScipys() {
    Reference.assertClose(
        Reference.everySeventh(design("bp").filter(Reference.array("synthetic"))),
        Reference.array("causal_bp_every7"),
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bp", "hp"})
  void bothWaysEqualsScipysOnRealStrain(String name) {
    SecondOrderSections sections = design(name);
    double[] filtered = sections.filterBothWays(Reference.strain("H1"));

    Reference.assertClose(
        sections.coefficients(), Reference.shared("filters.npz", name + "_sos"), 1e-12);
    Reference.assertClose(
        Arrays.copyOfRange(filtered, 14 * 4096, 18 * 4096),
        Reference.shared("filters.npz", "H1_" + name + "_filtfilt"),
        1e-6);
  }

  @Test
  void notchAndFiltfiltEqualScipys() {
    TransferFunction notch = TransferFunction.notch(60, 30, 4096);

    Reference.assertClose(notch.numerator(), Reference.array("notch_b"), 1e-14);
    Reference.assertClose(notch.denominator(), Reference.array("notch_a"), 1e-14);
    Reference.assertClose(
        Reference.everySeventh(notch.filterBothWays(Reference.array("synthetic"))),
        Reference.array("notch_every7"),
        1e-9);
    var butter3 = new TransferFunction(Reference.array("butter3_b"), Reference.array("butter3_a"));
    Reference.assertClose(
        Reference.everySeventh(butter3.filterBothWays(Reference.array("synthetic"))),
        Reference.array("butter3_filtfilt_every7"),
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void chunksGiveTheBitsOfTheWhole(long seed) {
    var random = new Random(seed);
    double[] series = FftTest.noise(5000, seed);
    SecondOrderSections sections = design("bp");
    var filter = new SosFilter(sections);
    double[] pieces = new double[series.length];
    for (int start = 0; start < series.length; ) {
      int end = Math.min(series.length, start + random.nextInt(200));
      double[] piece = filter.filter(Arrays.copyOfRange(series, start, end));
      System.arraycopy(piece, 0, pieces, start, piece.length);
      start = end;
    }

    assertThat(pieces).containsExactly(sections.filter(series));
  }

  @Test
  void aConstantStaysConstantFromTheSteadyState() {
    SecondOrderSections lowpass = design("lp5");
    double[] series = new double[500];
    Arrays.fill(series, 3);
    var filter = new SosFilter(lowpass);
    filter.startFrom(lowpass.steadyState(), 3);

    Reference.assertClose(filter.filter(series), series, 1e-10);
  }

  @Test
  void cornersLoseHalfThePowerAtEveryOrder() {
    for (int order = 1; order <= 10; order++) {
      assertThat(gain(Butterworth.lowpass(order, 100, 1024), 100))
          .isCloseTo(Math.sqrt(0.5), within());
      assertThat(gain(Butterworth.highpass(order, 100, 1024), 100))
          .isCloseTo(Math.sqrt(0.5), within());
      assertThat(gain(Butterworth.bandpass(order, 50, 200, 1024), 50))
          .isCloseTo(Math.sqrt(0.5), within());
      assertThat(gain(Butterworth.bandstop(order, 50, 200, 1024), 200))
          .isCloseTo(Math.sqrt(0.5), within());
      assertThat(gain(Butterworth.bandstop(order, 50, 200, 1024), 0)).isCloseTo(1, within());
    }
  }

  @Test
  void refusesWhatCannotBeDesignedOrFiltered() {
    assertThatIllegalArgumentException().isThrownBy(() -> Butterworth.lowpass(0, 10, 100));
    assertThatIllegalArgumentException().isThrownBy(() -> Butterworth.lowpass(2, 50, 100));
    assertThatIllegalArgumentException().isThrownBy(() -> Butterworth.bandpass(2, 30, 20, 100));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> design("bp").filterBothWays(new double[10]))
        .withMessageContaining("expected: at least 28");
    assertThatIllegalArgumentException().isThrownBy(() -> TransferFunction.notch(60, 0, 100));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SecondOrderSections(new double[] {1, 0, 0, 2, 0, 0}));
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-9);
  }

  /** The magnitude of the transfer function on the unit circle. */
  private static double gain(SecondOrderSections sections, double frequencyHz) {
    double angle = 2 * Math.PI * frequencyHz / 1024;
    var inverse = new Complex(Math.cos(angle), -Math.sin(angle));
    double[] c = sections.coefficients();
    double gain = 1;
    for (int i = 0; i < c.length; i += 3) {
      Complex value =
          Complex.real(c[i])
              .plus(inverse.times(c[i + 1]))
              .plus(inverse.times(inverse).times(c[i + 2]));
      gain *= i % 6 == 0 ? value.abs() : 1 / value.abs();
    }
    return gain;
  }
}
