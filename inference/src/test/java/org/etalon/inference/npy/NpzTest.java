package org.etalon.inference.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {
  @TempDir Path folder;

  @Test
  void readsStoredMembers() throws IOException {
    try (Npz npz = Npz.open(NpyTest.resource("stored.npz"))) {
      assertThat(npz.names()).containsExactly("a", "b");
      assertThat(npz.read("a").doubles()).containsExactly(0, 1, 2);
      assertThat(npz.read("b").shape()).containsExactly(2, 2);
    }
  }

  @Test
  void readsDeflatedMembers() throws IOException {
    try (Npz npz = Npz.open(NpyTest.resource("deflated.npz"))) {
      assertThat(npz.read("a").doubles()).containsExactly(0, 1, 2);
      assertThat(npz.read("zeros").floats()).hasSize(100000).containsOnly(0);
    }
  }

  @Test
  void namesTheArraysItHasWhenOneIsMissing() throws IOException {
    try (Npz npz = Npz.open(NpyTest.resource("stored.npz"))) {
      assertThatIOException()
          .isThrownBy(() -> npz.read("c"))
          .withMessageContaining("stored.npz: no array 'c' (has: [a, b])");
    }
  }

  @Test
  void refusesWhatIsNoArchive() {
    assertThatIOException()
        .isThrownBy(() -> Npz.open(NpyTest.resource("f4_le.npy")))
        .withMessageContaining("f4_le.npy: not a readable .npz archive");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void answersMutilatedArchivesWithAnIoExceptionOrArrays(long seed) throws IOException {
    var random = new Random(seed);
    Path path = folder.resolve("mutilated.npz");
    for (int round = 0; round < 300; round++) {
      byte[] file =
          Files.readAllBytes(NpyTest.resource(round % 2 == 0 ? "stored.npz" : "deflated.npz"));
      for (int change = random.nextInt(3); change >= 0; change--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt(256);
      }
      Files.write(path, file);
      try (Npz npz = Npz.open(path)) {
        for (String name : npz.names()) {
          assertThat(npz.read(name).data().byteSize()).isLessThan(1 << 24);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("mutilated.npz");
      }
    }
  }
}
