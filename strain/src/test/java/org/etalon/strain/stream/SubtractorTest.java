package org.etalon.strain.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.etalon.strain.signal.Butterworth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubtractorTest {
  @ParameterizedTest
  @CsvSource({"1, 0, 0", "2, 7, 0", "3, 0, 5", "4, 100, 30", "5, 3, 400"})
  void givesStrainWithoutTheFilteredNoiseOfItsTimeHoweverItIsCut(long seed, int latency, int half) {
    int total = 500;
    double[] strain = Cuts.noise(total, seed);
    double[] noise = Cuts.noise(total, seed + 100);
    ZeroPhaseFilter filter =
        half == 0
            ? ZeroPhaseFilter.none()
            : ZeroPhaseFilter.ofImpulse(Cuts.noise(half + 1, 9), half);
    var subtractor = new Subtractor(latency, 0.5, filter);
    double[] expected = new double[total];
    for (int t = 0; t < total; t++) {
      double sum = 0;
      for (int k = -half; k <= half; k++) {
        double value = t + k < 0 || t + k >= total ? 0 : noise[t + k];
        sum += (half == 0 ? 1 : Cuts.noise(half + 1, 9)[Math.abs(k)]) * value;
      }
      expected[t] = strain[t] - 0.5 * sum;
    }

    int end = 0;
    int time = -subtractor.latencySamples();
    for (int size : Cuts.random(total, 1, 60, seed)) {
      boolean isEnd = end + size == total;
      double[] late = new double[size + (isEnd ? latency : 0)];
      for (int i = 0; i < late.length; i++) {
        late[i] = end - latency + i < 0 ? 0 : noise[end - latency + i];
      }
      double[] cleaned = subtractor.push(Arrays.copyOfRange(strain, end, end + size), late, isEnd);
      for (double value : cleaned) {
        assertThat(value).isCloseTo(time < 0 ? 0 : expected[time], within(1e-12));
        time++;
      }
      end += size;
    }
    assertThat(time).isEqualTo(total);
  }

  @Test
  void aFilterCutToFiniteLengthIsTheOneOfBothWaysFarFromTheEnds() {
    var sections = Butterworth.bandpass(6, 50, 70, 4096);
    double[] noise = Cuts.noise(5 * 4096, 3);
    var subtractor = new Subtractor(0, -1, ZeroPhaseFilter.bothWays(sections, 2048));

    double[] streamed = subtractor.push(new double[noise.length], noise, true);
    double[] offline = sections.filterBothWays(noise);

    for (int i = 2 * 4096; i < 3 * 4096; i++) {
      // Half a second after, the response has fallen to 2e-4 of its peak of 0.01.
      assertThat(streamed[2048 + i]).isCloseTo(offline[i], within(2e-4));
    }
  }

  @Test
  void refusesNoiseOfAnotherLength() {
    var subtractor = new Subtractor(4, 1, ZeroPhaseFilter.none());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> subtractor.push(new double[8], new double[8], true))
        .withMessageContaining(
            "noise: 8 samples with 8 of strain at the stream's end (expected: 12)");
  }
}
