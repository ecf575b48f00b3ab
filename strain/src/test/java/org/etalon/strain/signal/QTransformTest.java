package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QTransformTest {
  private static final QTransformSettings SETTINGS =
      QTransformSettings.of(4096, 16384).withFrequencies(20, 500);

  @Test
  void tilesEqualGwpys() {
    assertTiles(
        Reference.array("burst"),
        Reference.array("q_frequencies"),
        Reference.array("q_lengths"),
        Reference.array("q_energies_every7"),
        true);
  }

  @Test
  void tilesEqualGwpysOnRealStrain() {
    assertTiles(
        Reference.shared("qtransform.npz", "H1_input"),
        Reference.shared("qtransform.npz", "plane_frequencies"),
        Reference.shared("qtransform.npz", "plane_tile_lengths"),
        Reference.shared("qtransform.npz", "plane_energies"),
        false);
  }

  @Test
  void imageAndPlaneEqualGwpys() {
    QGram gram = QTransform.of(SETTINGS).transform(Reference.array("burst"));

    assertThat(gram.q()).isCloseTo(Reference.array("q_image_q")[0], Offset.offset(1e-12));
    double[][] image = gram.image(new QGrid(1.7, 0.0025, 201, 20, 4, 120));
    // gwpy rounds energies to 32 bits.
    Reference.assertClose(flat(image), Reference.array("q_image"), 1e-6);
  }

  @Test
  void imageAndPlaneEqualGwpysOnRealStrain() {
    QGram gram = QTransform.of(SETTINGS).transform(Reference.shared("qtransform.npz", "H1_input"));
    double start = Reference.shared("qtransform.npz", "H1_times0_dt")[0];
    double origin = Reference.shared("qtransform.npz", "H1_input_t0")[0];

    assertThat(gram.q())
        .isCloseTo(Reference.shared("qtransform.npz", "H1_q")[0], Offset.offset(1e-12));
    // gwpy counts its times in GPS seconds, where the step itself is rounded to a multiple of 0.2
    // us.
    double step = start + 0.0025 - start;
    double[][] image = gram.image(new QGrid(start - origin, step, 200, 20, 4, 120));
    Reference.assertClose(flat(image), Reference.shared("qtransform.npz", "H1_image"), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(doubles = {60, 150, 320})
  void findsABurstWhereItIs(double frequencyHz) {
    double[] series = FftTest.noise(16384, 3);
    for (int i = 0; i < series.length; i++) {
      double t = i / 4096.0 - 1.25;
      double cycles = frequencyHz * t;
      series[i] += 3 * Math.exp(-Math.pow(cycles / 3, 2)) * Math.sin(2 * Math.PI * cycles);
    }

    QGram.Peak peak = QTransform.of(SETTINGS).transform(series).peak();

    assertThat(peak.timeSeconds()).isCloseTo(1.25, Offset.offset(2 / frequencyHz));
    assertThat(peak.frequencyHz()).isCloseTo(frequencyHz, Offset.offset(frequencyHz / 8));
    assertThat(peak.energy()).isGreaterThan(30);
  }

  @Test
  void looksOnlyWhereAsked() {
    double[] series = FftTest.noise(16384, 4);
    series[3 * 4096] += 100;

    QGram gram = QTransform.of(SETTINGS).transform(series, 0.5, 2.5);

    assertThat(gram.peak(0.5, 2.5).timeSeconds()).isBetween(0.5, 2.5);
    assertThat(gram.peak().timeSeconds()).isCloseTo(3, Offset.offset(0.05));
  }

  @Test
  void refusesWhatHasNoTilesOrNoEnergy() {
    assertThatIllegalArgumentException().isThrownBy(() -> SETTINGS.withFrequencies(20, 2000));
    assertThatIllegalArgumentException().isThrownBy(() -> SETTINGS.withQ(3, 10));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QTransform.of(SETTINGS).transform(new double[16384]))
        .withMessageContaining("no energy");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QTransform.of(SETTINGS).transform(new double[100]));
  }

  private static void assertTiles(
      double[] series, double[] frequencies, double[] lengths, double[] energies, boolean isKept) {
    var plane = new QPlane(8, SETTINGS);
    double[] spectrum = QTransform.of(SETTINGS).spectrum(series);
    assertThat(plane.rows()).hasSameSizeAs(frequencies);
    int total = 0;
    for (double length : lengths) {
      total += (int) length;
    }
    double[] all = new double[total];
    int at = 0;
    for (int r = 0; r < frequencies.length; r++) {
      QRow row = plane.rows().get(r);
      assertThat(row.frequencyHz()).isEqualTo(frequencies[r]);
      assertThat(row.tiles()).isEqualTo((int) lengths[r]);
      System.arraycopy(row.energies(spectrum), 0, all, at, row.tiles());
      at += row.tiles();
    }
    Reference.assertClose(isKept ? Reference.everySeventh(all) : all, energies, 1e-12);
  }

  private static double[] flat(double[][] image) {
    double[] flat = new double[image.length * image[0].length];
    for (int t = 0; t < image.length; t++) {
      System.arraycopy(image[t], 0, flat, t * image[t].length, image[t].length);
    }
    return flat;
  }
}
