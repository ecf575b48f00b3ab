package org.etalon.inference;

import java.util.concurrent.CompletableFuture;

/**
 * Models to ask: the engine in this process, or a server over the network. Thread-safe.
 *
 * <p>Errors that the asker can cause, and those of the service, are {@link ServingException}s; they
 * complete the future, or are thrown by {@link #metadata}.
 */
public interface InferenceService extends AutoCloseable {
  /**
   * What a model takes and gives.
   *
   * @throws ServingException NOT_FOUND if there is no such model or version, UNAVAILABLE if it is
   *     not ready
   */
  ModelMetadata metadata(ModelId model);

  /**
   * Asks a model. Never blocks for long: a full queue answers at once.
   *
   * <p>The request's memory is borrowed until the future is done. {@code cancel} on the future asks
   * the service to give up; the future is done when the service has let go of the memory.
   *
   * @return done with the response, which the caller closes, or with a {@link ServingException};
   *     stages that depend on it may run on the service's threads and must not block
   */
  CompletableFuture<InferenceResponse> infer(InferenceRequest request);

  /**
   * Opens a stream of updates to a model that keeps state. Nothing is sent before its first update.
   *
   * @param id not in use by another stream to the model
   */
  default InferenceStream stream(ModelId model, Sequence.Id id) {
    return new SequenceStream(this, model, id);
  }

  /** Lets requests in flight finish, then gives up what the service holds. */
  @Override
  void close();
}
