package org.etalon.backends.libraries;

import java.util.Locale;

/** Operating system and processor. */
public final class Platform {
  private Platform() {}

  /** Such as {@code linux-x86_64} or {@code osx-aarch64}. */
  public static String name() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch", "").replace("amd64", "x86_64");
    return (system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux")
        + "-"
        + processor;
  }
}
