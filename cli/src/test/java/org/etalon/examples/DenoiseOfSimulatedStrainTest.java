package org.etalon.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.etalon.analysis.denoise.Denoise;
import org.etalon.analysis.denoise.DenoiseConfig;
import org.etalon.analysis.denoise.DenoiseSettings;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.ModelId;
import org.etalon.inference.npy.Npz;
import org.etalon.strain.StrainFile;
import org.etalon.strain.signal.Psd;
import org.etalon.strain.signal.Welch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network and 32 s of simulated strain beside the project; skipped without them. */
class DenoiseOfSimulatedStrainTest {
  private static final String RAW = "H1:GDS-CALIB_STRAIN";
  private static final int RATE = 4096;

  @TempDir private Path folder;

  /** Ratios of cleaned to raw around the line, in the middle 28 s. */
  private record Ratios(double rms, double mean) {}

  @Test
  void leavesAsMuchAsTheReferenceAlsoWithTheLatencyOfLiveStrain() throws Exception {
    Path shared = Path.of(System.getProperty("etalon.shared", "../shared"));
    Path file = shared.resolve("data/deepclean/sim-seed7-1262304000-32.hdf5");
    assumeTrue(Files.exists(file), "needs ../shared");
    double[] raw;
    try (StrainFile strain = StrainFile.open(file)) {
      raw = strain.readSeries(RAW).samples();
    }
    double[] reference = raw.clone();
    try (Npz npz = Npz.open(shared.resolve("data/deepclean/reference_cleaned.npz"))) {
      double[] change = npz.read("cleaned_minus_raw_e21").doubles();
      for (int i = 0; i < raw.length; i++) {
        reference[i] += 1e-21 * change[i];
      }
    }
    EngineConfig models =
        EngineConfig.of(List.of(shared.resolve("models/repository")))
            .withControl(EngineConfig.ModelControl.EXPLICIT, Set.of("deepclean"));

    try (Engine engine = Engine.start(models, Engine.installedBackends())) {
      double[] archive = cleaned(engine, file, "archive", DenoiseSettings.archive());
      double[] live = cleaned(engine, file, "live", DenoiseSettings.live());

      Ratios expected = ratios(raw, reference);
      Ratios ofArchive = ratios(raw, archive);
      Ratios ofLive = ratios(raw, live);
      assertThat(ofArchive.rms).isCloseTo(expected.rms, within(0.02 * expected.rms));
      assertThat(ofArchive.mean).isCloseTo(expected.mean, within(0.02 * expected.mean));
      assertThat(ofLive.rms).isCloseTo(ofArchive.rms, within(0.02 * ofArchive.rms));
      assertThat(ofLive.mean).isCloseTo(ofArchive.mean, within(0.02 * ofArchive.mean));
      double worst = 0;
      for (int i = 2 * RATE; i < raw.length - 2 * RATE; i++) {
        worst = Math.max(worst, Math.abs(archive[i] - reference[i]));
      }
      // Of a line of 1.2e-22, the filter's cut response leaves this.
      assertThat(worst).isLessThan(1e-24);
    }
  }

  private double[] cleaned(Engine engine, Path file, String name, DenoiseSettings settings)
      throws Exception {
    List<String> witnesses;
    try (StrainFile strain = StrainFile.open(file)) {
      witnesses =
          strain.channels().stream().map(info -> info.name()).filter(c -> !c.equals(RAW)).toList();
    }
    List<String> order =
        List.of(
            "PEM-CS_MAINSMON_EBAY_1_DQ",
            "PEM-CS_MAINSMON_EBAY_2_DQ",
            "PEM-CS_MAINSMON_EBAY_3_DQ",
            "ASC-INP1_P_INMON",
            "ASC-INP1_Y_INMON",
            "ASC-MICH_P_INMON",
            "ASC-PRC2_P_INMON",
            "ASC-SRC1_Y_INMON",
            "ASC-DHARD_P_OUT_DQ",
            "ISI-GND_STS_ITMY_X_BLRMS_1_3",
            "PEM-CS_ACC_BEAMTUBE_MCTUBE_Y_DQ",
            "LSC-SRCL_IN1_DQ");
    assertThat(witnesses).hasSameSizeAs(order);
    DenoiseConfig config =
        new DenoiseConfig(
            List.of(file),
            Optional.of(RAW),
            List.of(file),
            order.stream().map(channel -> "H1:" + channel).toList(),
            ModelId.of("deepclean"),
            DenoiseConfig.USUAL_RULE,
            folder.resolve(name),
            settings);
    Denoise.run(config, engine, (_, _, _) -> {});
    try (var frames = Files.list(folder.resolve(name).resolve("frames"))) {
      return frames.sorted().flatMapToDouble(frame -> Arrays.stream(samples(frame))).toArray();
    }
  }

  private static double[] samples(Path frame) {
    try (StrainFile strain = StrainFile.open(frame)) {
      return strain.readSeries(RAW + "_CLEAN").samples();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Ratios ratios(double[] raw, double[] clean) {
    Psd before = psd(raw);
    Psd after = psd(clean);
    double rawPower = 0;
    double cleanPower = 0;
    double sum = 0;
    int from = (int) (58 / before.frequencyStepHz());
    int to = (int) (62 / before.frequencyStepHz());
    for (int k = from; k <= to; k++) {
      rawPower += before.values()[k];
      cleanPower += after.values()[k];
      sum += Math.sqrt(after.values()[k] / before.values()[k]);
    }
    return new Ratios(Math.sqrt(cleanPower / rawPower), sum / (to - from + 1));
  }

  private static Psd psd(double[] series) {
    return Welch.of(RATE, 8, Welch.Average.MEDIAN)
        .estimate(Arrays.copyOfRange(series, 2 * RATE, series.length - 2 * RATE));
  }
}
