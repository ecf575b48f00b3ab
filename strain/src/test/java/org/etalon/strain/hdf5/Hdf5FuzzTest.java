package org.etalon.strain.hdf5;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.Mutilation;
import org.etalon.strain.StrainFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged files are refused with an {@link IOException} that names the file, or read: old HDF5 has
 * no checksums.
 */
class Hdf5FuzzTest {
  private static final Path RESOURCES = Path.of("src/test/resources/org/etalon/strain/hdf5");
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsOrRefusesDamagedFiles(long seed) throws IOException {
    fuzz(seed, 40);
  }

  /** A thousand files; half a minute. */
  @Test
  @Tag("slow")
  void readsOrRefusesAThousandDamagedFiles() throws IOException {
    fuzz(1000, 1000);
  }

  private void fuzz(long seed, int count) throws IOException {
    var random = new SplittableRandom(seed);
    byte[] gaps = Files.readAllBytes(RESOURCES.resolve("gaps.hdf5"));
    byte[] types = Files.readAllBytes(RESOURCES.resolve("types.hdf5"));
    for (int i = 0; i < count; i++) {
      readAll(Mutilation.of(random.nextInt(3) == 0 ? types : gaps, random));
    }
  }

  private void readAll(byte[] bytes) throws IOException {
    Path path = Files.write(folder.resolve("damaged.hdf5"), bytes);
    try (StrainFile file = StrainFile.open(path)) {
      file.detector();
      for (ChannelInfo info : file.channels()) {
        try {
          assertThat(file.read(info.name()).size()).isPositive();
        } catch (IOException e) {
          assertThat(e.getMessage()).contains("damaged.hdf5");
        }
      }
    } catch (IOException e) {
      assertThat(e.getMessage()).contains("damaged.hdf5");
    }
  }
}
