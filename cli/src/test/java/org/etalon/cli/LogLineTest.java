package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.etalon.server.observation.LogFormat;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

final class LogLineTest {
  private static LogRecord line(String message) {
    var line = new LogRecord(Level.WARNING, message);
    line.setInstant(Instant.parse("2026-03-04T05:06:07.008Z"));
    line.setLoggerName("org.etalon.server.X");
    return line;
  }

  @Test
  void writesOneLineWhateverAClientPutIntoIt() {
    assertThat(new LogLine(LogFormat.DEFAULT).format(line("a\nb\u001b[31m")))
        .isEqualTo("2026-03-04T05:06:07.008Z WARNING a b [31m" + System.lineSeparator());
  }

  @Test
  void writesTheRequestOfAThreadInEveryFormat() {
    try (var _ = MDC.putCloseable("request_id", "r\"1")) {
      assertThat(new LogLine(LogFormat.DEFAULT).format(line("m"))).contains("request_id=r\"1 m");
      assertThat(new LogLine(LogFormat.ISO8601).format(line("m")))
          .startsWith("2026-03-04T05:06:07Z W ")
          .contains("org.etalon.server.X] request_id=r\"1 m");
      assertThat(new LogLine(LogFormat.JSON).format(line("m")))
          .isEqualTo(
              "{\"time\":\"2026-03-04T05:06:07.008Z\",\"level\":\"WARNING\",\"logger\":\"org.etalon.server.X\",\"message\":\"m\",\"request_id\":\"r\\\"1\"}\n");
    }
  }
}
