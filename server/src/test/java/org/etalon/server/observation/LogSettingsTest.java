package org.etalon.server.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.etalon.inference.Parameter;
import org.junit.jupiter.api.Test;

final class LogSettingsTest {
  private final LogSettings settings =
      new LogSettings("/var/log/etalon", true, true, true, 0, LogFormat.DEFAULT);

  @Test
  void changesWhatIsNamedAndKeepsTheRest() {
    assertThat(
            settings.with(
                Map.of(
                    "log_verbose_level", new Parameter.Uint64(2),
                    "log_format", new Parameter.Text("iso8601"),
                    "log_file", new Parameter.Text("/var/log/etalon"))))
        .isEqualTo(new LogSettings("/var/log/etalon", true, true, true, 2, LogFormat.ISO8601));
    assertThat(settings.with(settings.values())).isEqualTo(settings);
  }

  @Test
  void tellsEveryFaultOfAChange() {
    Map<String, Parameter> changes =
        Map.of(
            "log_inof", new Parameter.Bool(true),
            "log_error", new Parameter.Text("yes"),
            "log_verbose_level", new Parameter.Int64(-1),
            "log_format", new Parameter.Text("xml"),
            "log_file", new Parameter.Text("/etc/passwd"));
    assertThatThrownBy(() -> settings.with(changes))
        .hasMessageContaining("did you mean 'log_info'?")
        .hasMessageContaining("log_error (expected: true or false)")
        .hasMessageContaining("log_verbose_level (expected")
        .hasMessageContaining("'xml' (expected: one of [default, ISO8601, json])")
        .hasMessageContaining("--log-file");
  }

  @Test
  void refusesAnyChangeWhereTheLogIsAnothers() {
    assertThat(LogControl.fixed().change(Map.of())).isEqualTo(LogSettings.standard());
    assertThatThrownBy(
            () -> LogControl.fixed().change(Map.of("log_info", new Parameter.Bool(false))))
        .hasMessageContaining("belongs to the program");
  }
}
