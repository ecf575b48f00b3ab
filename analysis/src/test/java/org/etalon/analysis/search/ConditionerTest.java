package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.ModelId;
import org.etalon.inference.npy.Npz;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionerTest {
  private static final long START = 1_000_000_000;
  private static final Path SHARED = Path.of(System.getProperty("etalon.shared", "../../shared"));

  @TempDir Path folder;

  /** The reference is what the network was trained on; FP32 keeps seven digits of it. */
  @ParameterizedTest
  @CsvSource({"H1,hdf5", "L1,gwf"})
  void whitensGw150914AsTheNetworkExpectsIt(String ifo, String format) throws IOException {
    Path data = SHARED.resolve("data");
    String name = "%s-%s_LOSC_4_V2-1126259446-32.%s".formatted(ifo.charAt(0), ifo, format);
    assumeTrue(Files.exists(data.resolve(name)), "needs ../shared/data: " + name);
    double[] expected;
    try (Npz reference = Npz.open(data.resolve("reference/whiten_fir.npz"))) {
      expected = reference.read(ifo + "_white").doubles();
    }

    float[] white = whiten(DetectorStrain.of(ifo, data.resolve(name)), SearchSettings.defaults());

    assertThat(white).hasSameSizeAs(expected);
    for (int i = 0; i < white.length; i++) {
      assertThat((double) white[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void whitensLongStrainInBlocksThatMeet() throws IOException {
    double[] strain = StrainFiles.noise(37 * 4096, 3);
    Path file = StrainFiles.write(folder.resolve("long.hdf5"), strain, START, 4096);
    DetectorStrain detector = DetectorStrain.of("H1", file);
    SearchSettings whole = SearchSettings.defaults();
    SearchSettings blocks = whole.with().blockSeconds(16).build();

    float[] one = whiten(detector, whole);
    float[] several = whiten(detector, blocks);

    // The PSDs of different 16 s differ by some percent, and so does what they whiten.
    assertThat(several).hasSameSizeAs(one);
    double difference = 0;
    double power = 0;
    for (int i = 0; i < one.length; i++) {
      difference += (one[i] - several[i]) * (one[i] - several[i]);
      power += one[i] * one[i];
    }
    assertThat(Math.sqrt(difference / power)).isLessThan(0.15);
    assertThat(Math.sqrt(power / one.length)).isCloseTo(1, within(0.1));
  }

  @Test
  void givesTheSameBlockWhereverTheStrainEnds() throws IOException {
    double[] strain = StrainFiles.noise(46 * 4096, 3);
    Path longer = StrainFiles.write(folder.resolve("46.hdf5"), strain, START, 4096);
    Path shorter =
        StrainFiles.write(
            folder.resolve("31.hdf5"), java.util.Arrays.copyOf(strain, 31 * 4096), START, 4096);
    SearchSettings settings = SearchSettings.defaults().with().blockSeconds(16).build();

    float[] all = whiten(DetectorStrain.of("H1", longer), settings);
    float[] part = whiten(DetectorStrain.of("H1", shorter), settings);

    // 31 s are two blocks of 16 s that share 1 s for the filter.
    for (int i = 0; i < 15 * 2048; i++) {
      assertThat(part[i]).isEqualTo(all[i]);
    }
  }

  private float[] whiten(DetectorStrain detector, SearchSettings settings) throws IOException {
    StrainSource source = StrainSource.open(detector, () -> {});
    String other = detector.ifo().equals("H1") ? "L1" : "H1";
    var config =
        new SearchConfig(
            List.of(detector, DetectorStrain.of(other, Path.of("unused"))),
            ModelId.of("any"),
            folder,
            Optional.empty(),
            settings);
    List<Ring> rings = CommonTime.rings(List.of(source), config);
    assertThat(rings).hasSize(1);
    return new Conditioner(settings).whiten(source, rings.getFirst(), () -> {});
  }
}
