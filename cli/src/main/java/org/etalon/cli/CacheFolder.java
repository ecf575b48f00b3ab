package org.etalon.cli;

import java.nio.file.Path;

/** The folder for what can be fetched or made again, by the XDG base directory specification. */
final class CacheFolder {
  private CacheFolder() {}

  static Path of(String subject) {
    String base = System.getenv("XDG_CACHE_HOME");
    Path root =
        base == null || base.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(base);
    return root.resolve("etalon").resolve(subject);
  }
}
