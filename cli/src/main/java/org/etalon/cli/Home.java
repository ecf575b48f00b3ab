package org.etalon.cli;

import java.nio.file.Path;

/** Where Etalon is installed; the launcher says so. */
final class Home {
  private Home() {}

  static Path folder() {
    return Path.of(System.getProperty("etalon.home", "."));
  }
}
