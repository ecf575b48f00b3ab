package org.etalon.strain.opendata;

import java.util.OptionalLong;

/** Hears how downloads go. Called on the thread that called {@link OpenData}. */
public interface ProgressListener {
  /**
   * More of a file has arrived; called for the first time when its download begins or resumes.
   *
   * @param fileName the file's name in the cache folder
   * @param bytes how much of it is here, earlier attempts included
   * @param totalBytes its length, where the server says it
   */
  void downloaded(String fileName, long bytes, OptionalLong totalBytes);

  /**
   * Something a person wants to know: a corrupted cached file, an answer from the last visit, a gap
   * in the data.
   */
  void notice(String words);

  /** Tells nobody. */
  static ProgressListener silent() {
    return new ProgressListener() {
      @Override
      public void downloaded(String fileName, long bytes, OptionalLong totalBytes) {}

      @Override
      public void notice(String words) {}
    };
  }
}
