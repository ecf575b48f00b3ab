package org.etalon.cli;

import org.etalon.analysis.search.SearchProgress;
import org.jspecify.annotations.Nullable;

/** A search's progress on stderr, a bar for each stage. */
final class SearchBars implements SearchProgress, AutoCloseable {
  private @Nullable Stage stage;
  private ConsoleBar bar = ConsoleBar.none();

  @Override
  public void update(Stage now, long done, long total) {
    if (now != stage) {
      bar.close();
      stage = now;
      bar = open(now);
    }
    bar.show(done, total, "");
  }

  private static ConsoleBar open(Stage stage) {
    return switch (stage) {
      case READING -> ConsoleBar.open("reading  ", "files");
      case WHITENING -> ConsoleBar.open("whitening", "blocks");
      case SCORING -> ConsoleBar.open("scoring  ", "windows");
      case REPORT -> ConsoleBar.open("report   ", "pictures");
    };
  }

  @Override
  public void close() {
    bar.close();
  }
}
