package org.etalon.engine.config;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever stands in a {@code config.pbtxt}, reading ends with a configuration or with faults.
 * {@code fuzz/} holds seeds and what Jazzer found; here they are only replayed.
 */
final class ConfigFuzzTest {
  static List<Path> seeds() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(ConfigFuzzTest.class.getResource("fuzz"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readsEachInputFoundToItsEnd(Path file) throws IOException {
    fuzzerTestOneInput(Files.readAllBytes(file));
  }

  public static void fuzzerTestOneInput(byte[] input) {
    ParsedConfig parsed =
        ModelConfigReader.parse("config.pbtxt", new String(input, StandardCharsets.UTF_8));
    parsed.faults().forEach(fault -> require(!fault.toString().isBlank()));
  }

  private static void require(boolean is) {
    if (!is) {
      throw new IllegalStateException("a fault that says nothing");
    }
  }
}
