package org.etalon.strain.source;

import java.io.IOException;
import java.util.Optional;

/**
 * Strain in order of time, chunk by chunk. Two chunks follow without a gap where one ends when the
 * next begins; else there is no data between them. Owned by one thread.
 */
public interface StrainSource extends AutoCloseable {
  /**
   * The next chunk; a live source waits for it.
   *
   * @return empty when no more comes
   * @throws IOException if a file cannot be read or contradicts its name; names it
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  Optional<StrainChunk> next() throws IOException, InterruptedException;

  @Override
  void close();
}
