package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
  @ParameterizedTest
  @ValueSource(ints = {1000, 1001})
  void isTheModulationOfAFasterOscillation(int size) {
    double[] series = new double[size];
    double[] modulation = new double[size];
    for (int i = 0; i < size; i++) {
      double turn = 2 * Math.PI * i / size;
      modulation[i] = 2 + Math.cos(3 * turn);
      series[i] = modulation[i] * Math.sin(80 * turn + 1);
    }

    Reference.assertClose(Envelope.of(series), modulation, 1e-12);
  }

  @Test
  void rmsOfEachWholeStretch() {
    assertThat(Envelope.rms(new double[] {3, -3, 1, 7, 9}, 2)).containsExactly(3, 5);
  }
}
