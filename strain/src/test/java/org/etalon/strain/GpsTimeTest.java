package org.etalon.strain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpsTimeTest {
  @Test
  void parsesDecimalSecondsExactly() {
    assertThat(GpsTime.parse("1126259462.4")).isEqualTo(1_126_259_462_400_000_000L);
    assertThat(GpsTime.parse("-0.000000001")).isEqualTo(-1);
    assertThat(GpsTime.ofSeconds(1126259462.42)).isEqualTo(1_126_259_462_420_000_000L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1e9", "1.", ".5", "1.0000000001", "99999999999", "9999999999.0", "1 "})
  void refusesWhatIsNoGpsTime(String text) {
    assertThatThrownBy(() -> GpsTime.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void parsesWhatItFormats(long seed) {
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 1000; i++) {
      long gpsNs = random.nextLong() >> random.nextInt(64);
      assertThat(GpsTime.parse(GpsTime.format(gpsNs))).isEqualTo(gpsNs);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {16384, 4096, 1, 1 / 60.0, 3, 256.5, 65536})
  void countsTheSamplesThatADurationWasMadeOf(double rateHz) {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 1000; i++) {
      long samples = random.nextLong(100_000_000L);
      assertThat(GpsTime.samples(GpsTime.durationNs(samples, rateHz), rateHz)).isEqualTo(samples);
    }
  }

  @Test
  void refusesADurationThatIsNoWholeNumberOfSamples() {
    assertThat(GpsTime.samples(0.25, 4096)).isEqualTo(1024);
    assertThatThrownBy(() -> GpsTime.samples(0.1, 4096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("100000000")
        .hasMessageContaining("4096");
    assertThatThrownBy(() -> GpsTime.durationNs(1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GpsTime.durationNs(Long.MAX_VALUE, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
