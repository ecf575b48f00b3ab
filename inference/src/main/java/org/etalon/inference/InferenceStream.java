package org.etalon.inference;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Ordered updates of one sequence to a model that keeps its state. Updates are sent by one thread;
 * answers come in their order.
 *
 * <p>Where the model's metadata tells how long its state remembers, a stream over the network
 * outlives its server: it is opened anew, elsewhere if there is elsewhere, what the state needs is
 * sent again, and answers already given are not given twice.
 */
public interface InferenceStream extends AutoCloseable {
  /**
   * Sends the next update. Waits while too many are unanswered.
   *
   * @param inputs their memory is lent until this returns
   * @return done with the response, which the caller closes, or with a {@link ServingException}; a
   *     refused update is as if it had never been sent. Stages that depend on it must not block
   * @throws InterruptedException while waiting; the update is not sent
   */
  CompletableFuture<InferenceResponse> send(List<Tensor> inputs) throws InterruptedException;

  /** The same with the last update before a gap or for good: the next one begins anew. */
  CompletableFuture<InferenceResponse> end(List<Tensor> inputs) throws InterruptedException;

  /** Gives up updates that are not answered; they end as CANCELLED. */
  @Override
  void close();
}
