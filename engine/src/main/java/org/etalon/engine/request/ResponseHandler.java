package org.etalon.engine.request;

import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Takes the answers to one request: any number of responses of which the last is marked, or an
 * error, which is the last. Called by one thread at a time, never under a lock; it must not block,
 * since it runs on the instance's own thread.
 */
public interface ResponseHandler {
  /**
   * @param response to be closed by the handler; of no outputs if a model that gives any number of
   *     answers ended with none to send
   * @param isLast true if nothing more follows
   */
  void onResponse(InferenceResponse response, boolean isLast);

  /**
   * False while the answers to a request that is answered any number of times had better wait,
   * since whoever reads them is slow; {@link InferenceCall#resume} when that has changed. May be
   * asked on any thread and must not block.
   */
  default boolean isReady() {
    return true;
  }

  /** The request failed; nothing more follows. */
  void onError(ServingException error);

  /** Where the engine notes when what happens to the request; null if nobody wants to know. */
  default @Nullable RequestTrace trace() {
    return null;
  }
}
