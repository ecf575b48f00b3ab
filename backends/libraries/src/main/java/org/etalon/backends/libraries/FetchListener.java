package org.etalon.backends.libraries;

/** Hears how fetching goes, from the thread that fetches. */
@FunctionalInterface
public interface FetchListener {
  /**
   * @param file its name
   * @param bytes here so far
   * @param totalBytes when done
   */
  void fetched(String file, long bytes, long totalBytes);
}
