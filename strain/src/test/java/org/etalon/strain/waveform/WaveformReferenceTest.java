package org.etalon.strain.waveform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.etalon.strain.GpsTime;
import org.junit.jupiter.api.Test;

/** Against LALSuite; how the numbers were made is in make_reference.py beside them. */
class WaveformReferenceTest {
  /**
   * The model is a fit and its ringdown frequencies are fits of tables, good to a few parts in
   * 10,000, which the model's authors interpolate: that is all that differs.
   */
  @Test
  void agreesWithTheWaveformOfTheModelsAuthors() throws IOException {
    for (List<String> words : rows("waveform.csv")) {
      double[] row = numbers(words);
      PhenomD wave = PhenomD.of(new BlackHoleBinary(row[0], row[1], row[2], row[3]), 50);
      double f = row[4];
      assertThat(wave.amplitude(f)).isCloseTo(row[5], within(3e-3 * row[5]));
      double off = Math.IEEEremainder(wave.phase(f) - row[6], 2 * Math.PI);
      assertThat(off).as("phase at %s Hz of %s", f, row[0]).isCloseTo(0, within(0.02));
    }
  }

  @Test
  void agreesOnAntennaPatternsAndDelays() throws IOException {
    for (List<String> words : rows("detectors.csv")) {
      Detector detector = Detector.named(words.getFirst());
      double[] row = numbers(words.subList(1, words.size()));
      long gpsNs = GpsTime.ofSeconds(row[0]);
      var source = new SkyPosition(row[1], row[2], row[3]);
      double[] antenna = detector.antenna(source, gpsNs);
      assertThat(antenna[0]).isCloseTo(row[4], within(1e-6));
      assertThat(antenna[1]).isCloseTo(row[5], within(1e-6));
      assertThat(detector.delaySeconds(source, gpsNs)).isCloseTo(row[6], within(1e-8));
    }
  }

  @Test
  void refusesMassesAndSpinsThatAreNone() {
    assertThatThrownBy(() -> new BlackHoleBinary(10, 20, 0, 0)).hasMessageContaining("heavier");
    assertThatThrownBy(() -> new BlackHoleBinary(20, 10, 1.1, 0)).hasMessageContaining("spins");
    assertThatThrownBy(() -> new BlackHoleBinary(200, 10, 0, 0)).hasMessageContaining("ratio");
    assertThatThrownBy(() -> Detector.named("X9")).hasMessageContaining("[H1, L1, V1, K1]");
  }

  private static List<List<String>> rows(String name) throws IOException {
    InputStream file = WaveformReferenceTest.class.getResourceAsStream(name);
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8))) {
      return lines.lines().map(line -> List.of(line.split(",", -1))).toList();
    }
  }

  private static double[] numbers(List<String> words) {
    return words.stream().mapToDouble(Double::parseDouble).toArray();
  }
}
