package org.etalon.engine.backend;

/** One runnable copy of a model. Made, used and closed by one thread. */
public interface ModelInstance extends AutoCloseable {
  /**
   * Runs a batch: reads {@link Batch#inputs} and provides every requested output.
   *
   * @throws org.etalon.inference.ServingException if this batch cannot be run; the instance stays
   *     usable
   */
  void execute(Batch batch);

  @Override
  void close();
}
