package org.etalon.server.security;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an asker may do; every endpoint needs one of these. */
public enum Right {
  /** Whether the server or a model is live and ready. */
  HEALTH,
  /** To see models, configurations, statistics, settings. */
  READ,
  /** To ask models, and to register memory for that. */
  INFER,
  /** To load and unload models, to change trace and log settings. */
  CONTROL;

  /** As configurations write it, such as {@code infer}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Right> of(String text) {
    return Arrays.stream(values()).filter(right -> right.text().equals(text)).findFirst();
  }
}
