package org.etalon.inference.npy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever stands in a file, it is an array or refused as damaged. {@code fuzz/} holds seeds and
 * what Jazzer found; here they are only replayed.
 */
final class NpyFuzzTest {
  static List<Path> seeds() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(NpyFuzzTest.class.getResource("fuzz"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readsOrRefusesEachInputFound(Path file) throws IOException {
    fuzzerTestOneInput(Files.readAllBytes(file));
  }

  public static void fuzzerTestOneInput(byte[] input) {
    try {
      Npy.read(input);
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).isBlank()) {
        throw new IllegalStateException("a fault that says nothing", e);
      }
    }
  }
}
