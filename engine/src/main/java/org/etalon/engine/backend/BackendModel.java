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
