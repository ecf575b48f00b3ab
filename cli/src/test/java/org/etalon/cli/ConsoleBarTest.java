package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleBarTest {
  @Test
  void showsNothingWhereStderrIsNoTerminal() {
    PrintStream err = System.err;
    var caught = new ByteArrayOutputStream();
    System.setErr(new PrintStream(caught, true, StandardCharsets.UTF_8));
    try (ConsoleBar bar = ConsoleBar.open("task", "rows")) {
      bar.show(1, 10, "");
      bar.show(10, 10, "");
    } finally {
      System.setErr(err);
    }
    assertThat(ConsoleBar.isTerminal()).isFalse();
    assertThat(caught.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}
