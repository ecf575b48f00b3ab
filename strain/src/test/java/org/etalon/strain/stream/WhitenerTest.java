package org.etalon.strain.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.etalon.strain.StrainFile;
import org.etalon.strain.signal.InverseSpectrumWhitening;
import org.etalon.strain.signal.Psd;
import org.etalon.strain.signal.Resampling;
import org.etalon.strain.signal.Welch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WhitenerTest {
  private static final WhitenerSettings SMALL = new WhitenerSettings(512, 256, 8, 4, 2, 1, 20, 160);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void givesTheSameBitsHoweverTheSeriesIsCut(long seed) {
    double[] strain = Cuts.noise(512 * 30, seed);
    double[] expected = stream(new Whitener(SMALL), strain, 0, strain.length, strain.length, 0);

    double[] streamed = stream(new Whitener(SMALL), strain, 0, strain.length, 300, seed);

    assertThat(streamed).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void equalsOfflineWhiteningWithThePsdOfThePast(long seed) {
    double[] strain = Cuts.noise(512 * 30, seed);
    double[] white = stream(new Whitener(SMALL), strain, 0, strain.length, 64, seed);
    double[] lowered = Resampling.polyphase(strain, 1, 2);
    assertEqualsOffline(white, lowered, SMALL, 9, 26, 0.005);
  }

  @Test
  void goesOnAfterItsMemoryIsReplayedFromAMultipleOfItsAlignment() {
    double[] strain = Cuts.noise(512 * 60, 5);
    var whole = new Whitener(SMALL);
    stream(whole, strain, 0, 512 * 40 + 64, 64, 1);
    var resumed = new Whitener(SMALL);
    int from = 512 * 40 + 64 - resumed.memorySamples();
    from -= from % resumed.alignmentSamples();
    assertThat(from).isPositive();
    stream(resumed, strain, from, 512 * 40 + 64 - from, 64, 2);

    double[] expected = stream(whole, strain, 512 * 40 + 64, 512 * 10, 64, 3);
    double[] actual = stream(resumed, strain, 512 * 40 + 64, 512 * 10, 64, 4);

    assertThat(actual).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"H1", "L1"})
  void whitensRealStrainAsTheNetworkWasTrainedWhenThePsdIsTheSame(String ifo) throws Exception {
    Path data = Path.of(System.getProperty("etalon.shared", "../shared"), "data");
    Path file = data.resolve(ifo.charAt(0) + "-" + ifo + "_LOSC_4_V2-1126259446-32.hdf5");
    Assumptions.assumeTrue(Files.exists(file), "needs ../shared/data");
    double[] strain;
    try (StrainFile open = StrainFile.open(file)) {
      strain = open.readSeries(open.strainChannel()).samples();
    }
    var settings = new WhitenerSettings(4096, 2048, 14, 8, 2, 1, 20, 1152);
    double[] white = stream(new Whitener(settings), strain, 0, strain.length, 4096, 7);
    double[] lowered = Resampling.polyphase(strain, 1, 2);

    // What is cut off of the filter's response beyond half a second meets strain that is a million
    // times louder below 10 Hz than the whitened band.
    assertEqualsOffline(white, lowered, settings, 15, 24, 0.1);
  }

  @Test
  void refusesSettingsThatDoNotFitTogetherAllAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WhitenerSettings(4096, 3000, 1, 8, 0, 1, 20, 0))
        .withMessageContaining("sampleRateHz: 3000")
        .withMessageContaining("fftSeconds: 0")
        .withMessageContaining("firstPsdSeconds: 8")
        .withMessageContaining("psdSeconds: 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WhitenerSettings(4096, 2048, 32, 8, 2, 1, 20, 1033))
        .withMessageContaining("latencySamples: 1033 (expected: at least 1034)");
  }

  /** Compares each second whose PSD is that of the strain before it. */
  private static void assertEqualsOffline(
      double[] white,
      double[] lowered,
      WhitenerSettings settings,
      int firstSecond,
      int lastSecond,
      double tolerance) {
    int rate = settings.sampleRateHz();
    int size = settings.psdSamples();
    int half = settings.whitening().filterSamples() / 2;
    Welch welch = Welch.of(rate, settings.fftSeconds(), Welch.Average.MEDIAN);
    double worst = 0;
    for (int second = firstSecond; second < lastSecond; second++) {
      int now = rate * second;
      Psd psd = welch.estimate(Arrays.copyOfRange(lowered, now - size, now));
      int start = now - size / 2;
      double[] offline =
          InverseSpectrumWhitening.of(psd, size, settings.whitening())
              .whiten(Arrays.copyOfRange(lowered, start, start + size));
      for (int time = now - half; time < now - half + rate; time++) {
        double difference = white[time + settings.latencySamples()] - offline[time - start - half];
        worst = Math.max(worst, Math.abs(difference));
      }
    }
    assertThat(worst).isLessThan(tolerance);
  }

  private static double[] stream(
      Whitener whitener, double[] strain, int from, int count, int most, long seed) {
    double[] all = new double[count / 2];
    int at = from;
    int done = 0;
    for (int size : Cuts.random(count, 2, Math.max(1, most / 2), seed)) {
      double[] white = whitener.push(Arrays.copyOfRange(strain, at, at + size));
      System.arraycopy(white, 0, all, done, white.length);
      at += size;
      done += white.length;
    }
    return all;
  }
}
