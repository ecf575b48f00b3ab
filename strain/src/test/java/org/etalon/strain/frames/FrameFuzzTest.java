package org.etalon.strain.frames;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.Mutilation;
import org.etalon.strain.StrainFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files are refused with an {@link IOException} that names the file, or read. */
class FrameFuzzTest {
  @TempDir Path folder;

  static List<Path> files() throws IOException {
    return ReferenceFiles.bundled();
  }

  @ParameterizedTest
  @MethodSource("files")
  void refusesEveryChangedByte(Path path) throws IOException {
    byte[] whole = Files.readAllBytes(path);
    var random = new SplittableRandom(11);
    for (int i = 0; i < 40; i++) {
      byte[] bytes = whole.clone();
      bytes[random.nextInt(5, bytes.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(readAll(bytes)).as("change %d", i).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsOrRefusesDamagedFiles(long seed) throws IOException {
    fuzz(seed, 40);
  }

  /** A thousand files; half a minute, and no more memory than their samples take. */
  @Test
  @Tag("slow")
  void readsOrRefusesAThousandDamagedFiles() throws IOException {
    fuzz(1000, 1000);
  }

  private void fuzz(long seed, int count) throws IOException {
    var random = new SplittableRandom(seed);
    List<byte[]> wholes = new ArrayList<>();
    for (Path path : files()) {
      wholes.add(Files.readAllBytes(path));
    }
    for (int i = 0; i < count; i++) {
      byte[] bytes = Mutilation.of(wholes.get(random.nextInt(wholes.size())), random);
      readAll(random.nextInt(4) == 0 ? bytes : FrameChecksumRepair.of(bytes));
    }
  }

  /** Reads all channels; gives what was refused. */
  private List<String> readAll(byte[] bytes) throws IOException {
    Path path = Files.write(folder.resolve("damaged.gwf"), bytes);
    List<String> refused = new ArrayList<>();
    try (StrainFile file = StrainFile.open(path)) {
      for (ChannelInfo info : file.channels()) {
        try {
          assertThat(file.read(info.name()).size()).isPositive();
        } catch (IOException e) {
          refused.add(e.getMessage());
        }
      }
    } catch (IOException e) {
      refused.add(e.getMessage());
    }
    for (String message : refused) {
      assertThat(message).contains("damaged.gwf");
    }
    return refused;
  }
}
