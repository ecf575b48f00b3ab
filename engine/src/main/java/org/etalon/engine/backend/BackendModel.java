package org.etalon.engine.backend;

import org.etalon.protocol.proto.ModelConfig;

/** One loaded version of a model: what its instances share. Thread-safe. */
public interface BackendModel extends AutoCloseable {
  /**
   * The configuration completed with what the model file tells: every input and output with name,
   * datatype and dims (without the batch), {@code max_batch_size}, {@code backend}. What the
   * repository's configuration says stays as it is.
   */
  ModelConfig config();

  /**
   * True for a model whose run costs microseconds of the processor's time, such as an operator on a
   * stream: it is run by the thread that brings a request, which in an ensemble is the thread that
   * finished the step before, instead of by one of its own. It must never block.
   *
   * <p>What is different for such a model:
   *
   * <ul>
   *   <li>Each batch is one request. Its inputs are where the request has them, on the heap or off,
   *       and need not be aligned.
   *   <li>With {@code sequence_batching}, each sequence has an instance of its own, made for its
   *       first request and closed after its last, or when it is dropped ({@link
   *       ModelInstance#sequenceDropped} before), or begins anew: an instance's fields are the
   *       sequence's state, which cannot leak into another. Its requests are run in their order, by
   *       one thread at a time but not by the same one; what one run has written the next one sees.
   *       Control inputs are given where the configuration has them, which {@link #config} may add.
   *   <li>Without, as many instances are made as are needed at one time, each used by one thread at
   *       a time.
   *   <li>Instance groups and batching of requests mean nothing; strategy and slots of sequences
   *       neither, as any number may be open. Idle time and queue sizes are kept to.
   * </ul>
   */
  default boolean runsInline() {
    return false;
  }

  /**
   * True for a model that can answer a request any number of times, which a configuration asks for
   * by {@code model_transaction_policy { decoupled: true }}: its instances have {@link
   * ModelInstance#execute(java.util.List)}.
   */
  default boolean canBeDecoupled() {
    return false;
  }

  /**
   * A copy that can run on a device.
   *
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if there is no such device; the
   *     message lists those that are
   */
  ModelInstance newInstance(Device device);

  /** Gives all memory back. Its instances are closed before. */
  @Override
  void close();
}
