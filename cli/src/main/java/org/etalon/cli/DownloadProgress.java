package org.etalon.cli;

import java.util.OptionalLong;
import org.etalon.strain.opendata.ProgressListener;

/** Says on stderr what is being fetched: a bar on a terminal, notices anywhere. */
final class DownloadProgress implements ProgressListener, AutoCloseable {
  private String file = "";
  private ConsoleBar bar = ConsoleBar.none();

  @Override
  public void downloaded(String fileName, long bytes, OptionalLong totalBytes) {
    if (!fileName.equals(file)) {
      bar.close();
      file = fileName;
      bar = ConsoleBar.open(fileName, "B");
    }
    bar.show(bytes, totalBytes.orElse(-1), "");
  }

  @Override
  public void notice(String words) {
    System.err.println("etalon: " + words);
  }

  @Override
  public void close() {
    bar.close();
  }
}
