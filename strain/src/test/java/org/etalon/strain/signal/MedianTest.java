package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MedianTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void equalsTheMiddleOfTheSortedValues(long seed) {
    var random = new Random(seed);
    for (int size = 1; size < 200; size++) {
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] = size % 3 == 0 ? random.nextInt(4) : random.nextGaussian();
      }
      double[] sorted = values.clone();
      Arrays.sort(sorted);

      assertThat(Median.of(values)).isEqualTo((sorted[(size - 1) / 2] + sorted[size / 2]) / 2);
    }
  }
}
