package org.etalon.analysis.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SeriesJoin;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.source.FileEntry;
import org.etalon.strain.source.StrainCatalog;
import org.etalon.strain.waveform.BlackHoleBinary;
import org.etalon.strain.waveform.Detector;
import org.etalon.strain.waveform.SkyPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
  private static final long START = 1_262_304_000;
  private static final int RATE = 1024;
  private static final String STRAIN = ":GDS-CALIB_STRAIN";

  @TempDir private Path folder;

  @Test
  void givesTheSameBytesForTheSameSeedAndOthersForAnother() throws IOException {
    run("a", 7, 16, SimulationConfig.Format.GWF);
    run("b", 7, 16, SimulationConfig.Format.GWF);
    run("c", 8, 16, SimulationConfig.Format.GWF);
    List<Path> files = files("a");
    assertThat(files).hasSize(2 * 3 + 3 + 2);
    for (Path file : files) {
      assertThat(folder.resolve("b").resolve(file.getFileName())).hasSameBinaryContentAs(file);
    }
    String strain = "H-H1_HOFT-%d-16.gwf".formatted(START);
    assertThat(Files.mismatch(folder.resolve("a/" + strain), folder.resolve("c/" + strain)))
        .isNotNegative();
  }

  @ParameterizedTest
  @EnumSource(SimulationConfig.Format.class)
  void givesTheSameSamplesHoweverTheSpanIsCutIntoFiles(SimulationConfig.Format format)
      throws IOException {
    run("long", 7, 40, SimulationConfig.Format.GWF);
    run("short", 7, 7, format);
    for (String channel : List.of("H1" + STRAIN, "L1" + STRAIN, "H1:ASC-INP1_Y_INMON")) {
      double[] whole = series("long", channel).samples();
      assertThat(series("short", channel).samples()).isEqualTo(whole);
    }
  }

  /** 4,000 averages of bins: each band's power is known to some 2 %. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void makesNoiseOfTheSpectrumAskedFor(long seed) {
    NoiseCurve curve = NoiseCurve.advancedLigo();
    var noise = new ColouredNoise(seed, "H1 noise", RATE, 8, f -> f < 5 ? 0 : curve.at(f));
    int segment = 4 * RATE;
    Fft fft = Fft.ofSize(segment);
    double[] power = new double[fft.bins()];
    int segments = 64;
    for (int s = 0; s < segments; s++) {
      double[] samples = new double[segment];
      noise.addTo(samples, (START * RATE) + (long) s * segment);
      for (int i = 0; i < segment; i++) {
        samples[i] *= 0x1p66 * Math.pow(Math.sin(Math.PI * (i + 0.5) / segment), 2);
      }
      double[] spectrum = fft.forward(samples);
      for (int k = 0; k < power.length; k++) {
        power[k] +=
            Math.hypot(spectrum[2 * k], spectrum[2 * k + 1])
                * Math.hypot(spectrum[2 * k], spectrum[2 * k + 1]);
      }
    }
    double scale = 2 / (segments * 0.375 * segment * RATE) * 0x1p-132;
    for (double low = 20; low < 480; low += 20) {
      double ratio = 0;
      for (int k = (int) (low * 4); k < (int) ((low + 20) * 4); k++) {
        ratio += power[k] * scale / curve.at(k / 4.0) / 80;
      }
      assertThat(ratio).as("%s Hz", low).isCloseTo(1, within(0.07));
    }
  }

  @Test
  void bringsSignalsOfTheSnrAskedForToEachDetectorAtItsTime() {
    NoiseCurve curve = NoiseCurve.advancedLigo();
    var maker = new SignalMaker(4096, 18);
    var sky = new SkyPosition(1.1, -0.4, 0.7);
    Injection nearby =
        new Injection(
            GpsTime.of(START, 300_000_000),
            new BlackHoleBinary(38, 31, 0.2, -0.1),
            sky,
            0.4,
            1.0,
            1,
            new java.util.TreeMap<>(),
            new java.util.TreeMap<>());
    List<String> detectors = List.of("H1", "L1");
    Injection injection = maker.atSnr(nearby, detectors, List.of(curve, curve), 20);
    assertThat(injection.networkSnr()).isCloseTo(20, within(1e-9));
    for (String ifo : detectors) {
      Signal signal = maker.in(ifo, injection);
      assertThat(snr(signal.strain(), 4096, curve))
          .isCloseTo(injection.snr().getOrDefault(ifo, 0.0), within(0.02));
      double seconds = (double) loudest(signal.strain()) / 4096 + signal.first() / 4096.0;
      long arrivalNs = SignalMaker.arrivalNs(Detector.named(ifo), sky, injection.gpsNs());
      assertThat(seconds).isCloseTo(arrivalNs / 1e9, within(0.006));
    }
  }

  @Test
  void addsToStrainOnlyWhatItsWitnessesPredict() {
    var witnesses = new Witnesses(3, "H1", RATE);
    Witnesses.Part part = witnesses.samples(START * RATE, 64 * RATE);
    assertThat(witnesses.channels()).hasSize(12).allMatch(name -> name.startsWith("H1:"));
    for (int c = 0; c < 12; c++) {
      assertThat(deviation(part.channels().get(c))).as("%s", c).isBetween(0.6, 1.4);
    }
    // The three mains monitors see a rotating line: together they tell it up to sensor noise.
    for (int i = 0; i < 100; i++) {
      double sum = 0;
      for (int k = 0; k < 3; k++) {
        sum += part.channels().get(k)[i] / (1 + 0.1 * k);
      }
      assertThat(sum).isCloseTo(0, within(0.2));
    }
    double rms = 0;
    for (double each : part.coupled()) {
      rms += each * 1e22 * each * 1e22 / part.coupled().length;
    }
    assertThat(Math.sqrt(rms)).isBetween(0.8, 1.5);
  }

  @Test
  void readsCurvesOfTextAndRefusesALineThatIsNone() throws IOException {
    Path text = Files.writeString(folder.resolve("c.txt"), "# Hz\n10 1e-22\n100, 1e-23\n");
    NoiseCurve curve = NoiseCurve.of(text, "H1");
    assertThat(curve.at(5)).isCloseTo(1e-44, within(1e-54));
    assertThat(curve.at(Math.sqrt(1000))).isCloseTo(1e-45, within(1e-55));
    Path bad = Files.writeString(folder.resolve("b.txt"), "10 1e-22\n9 1e-23\n");
    assertThatThrownBy(() -> NoiseCurve.of(bad, "H1")).hasMessageContaining("b.txt: line 2: '9");
    Path none = Files.writeString(folder.resolve("n.txt"), "10 -1\n");
    assertThatThrownBy(() -> NoiseCurve.of(none, "H1")).hasMessageContaining("line 1");
  }

  /** The spectrum of simulated strain is that of the strain it was made after. */
  @Test
  void takesTheSpectrumOfAStrainFile() throws IOException {
    run("a", 7, 40, SimulationConfig.Format.GWF);
    Path file = folder.resolve("a/L-L1_HOFT-%d-40.gwf".formatted(START));
    NoiseCurve measured = NoiseCurve.of(file, "L1");
    double ratio = 0;
    for (int f = 100; f < 200; f++) {
      ratio += measured.at(f) / NoiseCurve.advancedLigo().at(f) / 100;
    }
    assertThat(ratio).isCloseTo(1, within(0.15));
  }

  @Test
  void refusesAFolderInUseAndMoreInjectionsThanFit() throws IOException {
    run("a", 7, 40, SimulationConfig.Format.GWF);
    assertThatThrownBy(() -> run("a", 7, 40, SimulationConfig.Format.GWF))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected: an empty or new folder");
    SimulationConfig crowded =
        config("b", 7, 40, SimulationConfig.Format.GWF, new Population(9, 8, 50, 0, 10, 20, 8));
    assertThatThrownBy(() -> Simulation.run(crowded, (_, _) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("to fit into 40 s");
    assertThat(folder.resolve("b")).doesNotExist();
  }

  private void run(String output, long seed, int fileSeconds, SimulationConfig.Format format)
      throws IOException {
    var population = new Population(2, 20, 40, 0.5, 15, 20, 5);
    Simulation.run(config(output, seed, fileSeconds, format, population), (_, _) -> {});
  }

  private SimulationConfig config(
      String output,
      long seed,
      int fileSeconds,
      SimulationConfig.Format format,
      Population population) {
    NoiseCurve curve = NoiseCurve.advancedLigo();
    return new SimulationConfig(
        folder.resolve(output),
        Segment.ofSeconds(START, START + 40),
        List.of("H1", "L1"),
        Optional.of(List.of(curve, curve)),
        RATE,
        fileSeconds,
        format,
        seed,
        population,
        20,
        360,
        Optional.of("H1"));
  }

  private List<Path> files(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.sorted().toList();
    }
  }

  private TimeSeries series(String name, String channel) throws IOException {
    StrainCatalog catalog = StrainCatalog.of(List.of(folder.resolve(name))).with(channel);
    List<Path> paths = catalog.files().stream().map(FileEntry::path).toList();
    List<TimeSeries> joined = new ArrayList<>(SeriesJoin.read(paths, channel));
    assertThat(joined).hasSize(1);
    return joined.getFirst();
  }

  /** 4 times the integral of |h|^2 / S, from the samples. */
  private static double snr(double[] strain, int rateHz, NoiseCurve curve) {
    Fft fft = Fft.ofSize(strain.length);
    double[] scaled = strain.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= 0x1p66;
    }
    double[] spectrum = fft.forward(scaled);
    double step = (double) rateHz / strain.length;
    double sum = 0;
    for (int k = 1; k < fft.bins() - 1; k++) {
      double real = spectrum[2 * k] * 0x1p-66 / rateHz;
      double imaginary = spectrum[2 * k + 1] * 0x1p-66 / rateHz;
      sum += (real * real + imaginary * imaginary) / curve.at(k * step);
    }
    return Math.sqrt(4 * step * sum);
  }

  private static int loudest(double[] strain) {
    int at = 0;
    for (int i = 0; i < strain.length; i++) {
      at = Math.abs(strain[i]) > Math.abs(strain[at]) ? i : at;
    }
    return at;
  }

  private static double deviation(float[] samples) {
    double mean = 0;
    double square = 0;
    for (float each : samples) {
      mean += each / (double) samples.length;
      square += each * (double) each / samples.length;
    }
    return Math.sqrt(square - mean * mean);
  }
}
