package org.etalon.server.observation;

import java.io.IOException;
import java.util.List;

/** Brings traces to where they are kept. Used by one thread, which may wait. */
interface TraceWriter {
  /**
   * @throws IOException if they could not be brought there, and are lost
   */
  void write(List<FinishedTrace> traces) throws IOException;
}
