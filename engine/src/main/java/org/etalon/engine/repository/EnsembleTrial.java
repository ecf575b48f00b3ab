package org.etalon.engine.repository;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.SequenceTensors;
import org.etalon.engine.scheduling.ServedVersion;
import org.etalon.engine.scheduling.TrialRun;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;

/**
 * An ensemble as the instance of a model, to warm it up and compare it with its reference before
 * anyone else may use it. Its members count these requests among theirs.
 */
final class EnsembleTrial implements ModelInstance {
  private final ServedVersion ensemble;

  private EnsembleTrial(ServedVersion ensemble) {
    this.ensemble = ensemble;
  }

  /**
   * @throws ServingException if a warm-up fails, or an output is not the reference's
   */
  static void run(ServedVersion ensemble, ModelFiles files) {
    TrialRun run =
        new TrialRun(
            ensemble.name(), ensemble.version(), ensemble.config(), SequenceTensors.none());
    try (OutputMemory.Pool outputs = new OutputMemory.Pool()) {
      EnsembleTrial trial = new EnsembleTrial(ensemble);
      new WarmUp(ensemble.config(), files, run).run(trial, outputs);
      new ReferenceCheck(ensemble.config(), files, run).run(trial, outputs);
    }
  }

  /** Each request is a sequence of its own: members that keep state begin and end it. */
  @Override
  public void execute(Batch batch) {
    // Members run on their own threads, which may not read memory that only this one may.
    List<Tensor> inputs = batch.inputs().stream().map(Tensor::copy).toList();
    Sequence.Id id = new Sequence.Id.Text("trial-" + UUID.randomUUID());
    InferenceRequest request =
        InferenceRequest.to(ModelId.of(ensemble.name(), ensemble.version()))
            .inputs(inputs)
            .sequence(new Sequence(id, true, true))
            .build();
    InferenceResponse response = ask(request);
    for (int i = 0; i < batch.outputCount(); i++) {
      batch.handOver(i, response.outputs().get(i), i == 0 ? response::close : () -> {});
    }
  }

  private InferenceResponse ask(InferenceRequest request) {
    Answer answer = new Answer(new CompletableFuture<>());
    var _ = ensemble.submit(request, answer);
    try {
      return answer.response.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof ServingException cause
          ? cause
          : ServingException.internal(e.toString(), e);
    }
  }

  @Override
  public void close() {}

  private record Answer(CompletableFuture<InferenceResponse> response) implements ResponseHandler {
    @Override
    public void onResponse(InferenceResponse given, boolean isLast) {
      response.complete(given);
    }

    @Override
    public void onError(ServingException error) {
      response.completeExceptionally(error);
    }
  }
}
