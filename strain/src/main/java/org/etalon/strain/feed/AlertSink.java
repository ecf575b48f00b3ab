package org.etalon.strain.feed;

import java.io.IOException;

/** Where candidates are announced. Owned by one thread. */
public interface AlertSink extends AutoCloseable {
  /**
   * Announces a candidate, once: what was announced under the same identity before, also by an
   * earlier process, is not announced again.
   *
   * @param id what makes two announcements the same
   * @param json the candidate, as one JSON object
   * @throws IOException if it could not be written for certain
   */
  void announce(String id, String json) throws IOException;

  @Override
  void close();
}
