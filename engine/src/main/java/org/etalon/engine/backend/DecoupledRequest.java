package org.etalon.engine.backend;

import java.util.List;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;

/**
 * A request to a decoupled model, which is answered any number of times, from any thread, until the
 * model says that it is done: by {@link #finish} or {@link #fail}, once, also where the asker has
 * given up. Thread-safe.
 *
 * <p>Nothing here blocks. Answers that the asker does not take are kept, {@value #MAX_UNSENT} at
 * most: a model looks at {@link #isReady} before it sends and goes on by {@link #onReady}. One that
 * sends regardless has its request failed, so that no asker who stops reading fills the memory.
 */
public interface DecoupledRequest {
  /** Answers that are kept for an asker that does not take them. */
  int MAX_UNSENT = 64;

  /** As it was asked; its inputs' memory is valid until the request is finished or failed. */
  InferenceRequest request();

  /** In the order of the configuration, absent optional ones left out. */
  List<Tensor> inputs();

  /** True if the output of that index in the configuration is asked for. */
  boolean isRequested(int output);

  /** True if an answer would go out now. */
  boolean isReady();

  /**
   * Runs an action once, on any thread: when the next answer would go out, which may be at once;
   * not at all if the asker gives up before. It takes the place of one given before.
   */
  void onReady(Runnable action);

  /** True if nobody waits for answers any more. */
  boolean isCancelled();

  /** Runs an action once, on any thread, if the asker gives up, or has. */
  void onCancel(Runnable action);

  /**
   * Gives an answer.
   *
   * @param outputs under the names of the configuration, on the heap or off; those not asked for
   *     are left out
   * @param release gives their memory back, from any thread, once nobody needs it
   */
  void send(List<Tensor> outputs, Runnable release);

  /** No more answers follow. */
  void finish();

  /** No more answers follow, since something went wrong. */
  void fail(ServingException cause);
}
