package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final Path MODELS =
      Path.of(System.getProperty("etalon.root", "..")).resolve("examples").resolve("models");

  /** A rehearsal that fails leaves no cache, and nobody notices but by slow starts. */
  @Test
  void goesThroughEveryModelOfTheExamples() throws Exception {
    assertThat(Rehearsal.run(MODELS)).isZero();
  }
}
