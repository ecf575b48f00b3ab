package org.etalon.engine.backend;

import java.lang.foreign.MemorySegment;

/** Where the outputs of one batch lie. Used by the thread that runs the batch. */
public interface BatchMemory {
  /** Memory of at least one byte, 64-byte aligned, for as long as the batch's answers need it. */
  MemorySegment allocate(long bytes);

  /** Something more to give back with this memory. */
  void onRelease(Runnable action);
}
