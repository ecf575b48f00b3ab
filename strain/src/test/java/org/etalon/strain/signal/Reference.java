package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jhdf.HdfFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.etalon.inference.npy.Npz;

/**
 * Arrays that SciPy and gwpy computed: those of this project, and those of real strain beside it.
 */
final class Reference {
  private static final int KEPT = 7;

  private Reference() {}

  /** An array of {@code reference.npz}, which {@code make_reference.py} wrote. */
  static double[] array(String name) {
    try {
      return read(Path.of(Reference.class.getResource("reference.npz").toURI()), name);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** An array of real strain; skips the test where there is none. */
  static double[] shared(String file, String name) {
    return read(sharedFile("reference/" + file), name);
  }

  /** 32 s of strain at 4096 Hz around GW150914; skips the test where there is none. */
  static double[] strain(String ifo) {
    Path path = sharedFile(ifo.charAt(0) + "-" + ifo + "_LOSC_4_V2-1126259446-32.hdf5");
    try (var file = new HdfFile(path)) {
      return (double[]) file.getDatasetByPath("strain/Strain").getData();
    }
  }

  /** Every 7th item, as the long arrays of {@code reference.npz} are kept. */
  static double[] everySeventh(double[] values) {
    double[] kept = new double[(values.length + KEPT - 1) / KEPT];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = values[i * KEPT];
    }
    return kept;
  }

  /** Checks every item to {@code tolerance} times the largest magnitude expected. */
  static void assertClose(double[] actual, double[] expected, double tolerance) {
    assertThat(actual.length).as("size").isEqualTo(expected.length);
    double largest = 0;
    double difference = 0;
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= difference)) {
        difference = Math.abs(actual[i] - expected[i]);
        worst = i;
      }
    }
    assertThat(difference / largest)
        .as("largest difference, at %d: %s, not %s", worst, actual[worst], expected[worst])
        .isLessThanOrEqualTo(tolerance);
  }

  private static Path sharedFile(String name) {
    Path path = Path.of(System.getProperty("etalon.shared", "../shared"), "data").resolve(name);
    assumeTrue(Files.exists(path), "needs ../shared/data: " + path);
    return path;
  }

  private static double[] read(Path path, String name) {
    try (Npz npz = Npz.open(path)) {
      return npz.read(name).doubles();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
