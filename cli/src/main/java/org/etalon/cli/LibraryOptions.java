package org.etalon.cli;

import org.etalon.backends.libraries.LibrarySources;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the libraries of optional backends come from. */
final class LibraryOptions {
  @Option(
      names = "--maven-repository",
      paramLabel = "URL",
      description =
          "Where libraries of backends are fetched from, none: from nowhere (default: Maven Central, or its mirror in settings.xml).")
  private @Nullable String repository;

  @Option(
      names = "--python-index",
      paramLabel = "URL",
      description =
          "Where libraries that come as Python wheels are fetched from, none: from nowhere (default: PIP_INDEX_URL or PyPI).")
  private @Nullable String index;

  /** Settles it for this process; called before a model is loaded. */
  void settle() {
    if (repository != null) {
      System.setProperty(LibrarySources.REPOSITORY_PROPERTY, repository);
    }
    if (index != null) {
      System.setProperty(LibrarySources.INDEX_PROPERTY, index);
    }
  }
}
