package org.etalon.engine.scheduling;

import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;

/** Runs what one instance takes. Owned by the thread that runs the instance. */
interface InstanceRunner extends AutoCloseable {
  /**
   * Answers every request of the batch, one way or the other, now or later.
   *
   * @param onLaterDone is run, on any thread, when nothing of it needs the instance any more
   * @return true if that is now, and nothing will be run
   */
  boolean run(ScheduledBatch batch, Runnable onLaterDone);

  @Override
  void close();

  /** Makes the runner of an instance. */
  interface Maker {
    /**
     * @param outputs where its outputs lie; closed by the caller
     */
    InstanceRunner make(ModelInstance instance, OutputMemory.Pool outputs);
  }
}
