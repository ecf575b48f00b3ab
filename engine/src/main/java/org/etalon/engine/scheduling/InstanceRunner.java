package org.etalon.engine.scheduling;

import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;

/** Runs what one instance takes. Owned by the thread that runs the instance. */
interface InstanceRunner extends AutoCloseable {
  /** Answers every request of the batch, one way or the other, now or later. */
  void run(ScheduledBatch batch);

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
