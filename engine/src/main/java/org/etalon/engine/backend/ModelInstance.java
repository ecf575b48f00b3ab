package org.etalon.engine.backend;

import java.util.List;
import java.util.Optional;
import org.etalon.inference.Sequence;

/**
 * One runnable copy of a model. Made, used and closed by one thread, or by one at a time if the
 * model {@linkplain BackendModel#runsInline runs inline}.
 */
public interface ModelInstance extends AutoCloseable {
  /**
   * Runs a batch: reads {@link Batch#inputs} and provides every requested output.
   *
   * @throws org.etalon.inference.ServingException if this batch cannot be run; the instance stays
   *     usable
   * @throws InstanceLostException if the process that ran it has ended
   */
  void execute(Batch batch);

  /**
   * Begins to answer requests to a decoupled model ({@code model_transaction_policy}), in place of
   * {@link #execute(Batch)}. When it returns the instance can take the next; answers may come later
   * and from any thread.
   *
   * @param requests each to be finished or failed; what this throws fails those that are not yet
   */
  default void execute(List<DecoupledRequest> requests) {
    throw new UnsupportedOperationException("not a decoupled model");
  }

  /**
   * A sequence ended without its last request: it sent nothing for too long. Called between runs,
   * by the thread that runs the instance; a model that keeps no state of its own needs not know.
   */
  default void sequenceDropped(Sequence.Id id) {}

  /** The process that it runs in, if that is one of its own. Called from any thread. */
  default Optional<InstanceProcess> process() {
    return Optional.empty();
  }

  @Override
  void close();
}
