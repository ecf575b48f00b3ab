package org.etalon.server.observation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where traces go. */
public enum TraceMode {
  /** Into a file, in Triton's JSON. */
  TRITON,
  /** To a collector, by OpenTelemetry's protocol over HTTP. */
  OPENTELEMETRY;

  /** As the protocol writes it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<TraceMode> of(String text) {
    return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
  }
}
