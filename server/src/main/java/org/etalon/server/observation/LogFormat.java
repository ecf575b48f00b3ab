package org.etalon.server.observation;

import java.util.Arrays;
import java.util.Optional;

/** How a line of the log is written. */
public enum LogFormat {
  /** Time, level and message, for a person. */
  DEFAULT("default"),
  /** As tritonserver's format of that name. */
  ISO8601("ISO8601"),
  /** An object a line, for a program. */
  JSON("json");

  private final String text;

  LogFormat(String text) {
    this.text = text;
  }

  /** As the protocol writes it. */
  public String text() {
    return text;
  }

  public static Optional<LogFormat> of(String text) {
    return Arrays.stream(values()).filter(format -> format.text.equalsIgnoreCase(text)).findFirst();
  }
}
