package org.etalon.engine.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackOffTest {
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "3, 1", "4, 2", "5, 4", "6, 8", "7, 16", "8, 30", "1000000, 30"})
  void growsWithTheEndsInARow(int ends, long seconds) {
    assertThat(BackOff.after(ends)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void neverGetsShorter() {
    for (int ends = 1; ends < 50; ends++) {
      assertThat(BackOff.after(ends + 1)).isGreaterThanOrEqualTo(BackOff.after(ends));
    }
  }
}
