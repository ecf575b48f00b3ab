package org.etalon.inference;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * A stream over a service that answers a sequence's requests in order and is not going away, such
 * as an engine in this process. Owned by one thread.
 */
final class SequenceStream implements InferenceStream {
  /** Updates that may be unanswered. */
  private static final int WINDOW = 64;

  private final InferenceService service;
  private final ModelId model;
  private final Sequence.Id id;
  private final Semaphore room = new Semaphore(WINDOW);
  private final Map<Long, CompletableFuture<InferenceResponse>> unanswered =
      new ConcurrentHashMap<>();
  private long sent;
  private boolean isStart = true;

  SequenceStream(InferenceService service, ModelId model, Sequence.Id id) {
    this.service = service;
    this.model = model;
    this.id = id;
  }

  @Override
  public CompletableFuture<InferenceResponse> send(List<Tensor> inputs)
      throws InterruptedException {
    return send(inputs, false);
  }

  @Override
  public CompletableFuture<InferenceResponse> end(List<Tensor> inputs) throws InterruptedException {
    return send(inputs, true);
  }

  private CompletableFuture<InferenceResponse> send(List<Tensor> inputs, boolean isEnd)
      throws InterruptedException {
    room.acquire();
    CompletableFuture<InferenceResponse> answer =
        service.infer(
            InferenceRequest.to(model)
                .inputs(inputs.stream().map(Tensor::copy).toList())
                .sequence(new Sequence(id, isStart, isEnd))
                .build());
    isStart = isEnd;
    long number = sent++;
    unanswered.put(number, answer);
    var _ =
        answer.whenComplete((_, _) -> {
          unanswered.remove(number);
          room.release();
        });
    return answer;
  }

  @Override
  public void close() {
    unanswered.values().forEach(answer -> answer.cancel(true));
  }
}
