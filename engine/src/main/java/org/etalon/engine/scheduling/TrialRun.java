package org.etalon.engine.scheduling;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.InstanceLostException;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Runs a request on an instance that no scheduler has yet, checked, gathered and handed out as that
 * of a client. Thread-safe.
 */
public final class TrialRun {
  private final VersionName name;
  private final ModelShape shape;
  private final RequestRules rules;
  private final OutputScatter scatter;
  private final SequenceTensors sequences;

  /**
   * @param config completed
   * @param sequences what they add to the model's inputs: each row of a trial is one of its own
   */
  public TrialRun(String model, long version, ModelConfig config, SequenceTensors sequences) {
    this.name = new VersionName(model, version);
    this.shape = ModelShape.of(config);
    this.rules = new RequestRules(model, shape.maxBatchSize(), shape.inputs(), shape.outputs());
    this.scatter = new OutputScatter(name, shape);
    this.sequences = sequences;
  }

  /**
   * Runs one request for all outputs.
   *
   * @param reader reads the outputs, in the order of the configuration, which are gone when it
   *     returns
   * @throws ServingException if the request does not keep the model's rules, or the instance does
   *     not provide all outputs, the states of sequences included
   */
  public void of(
      ModelInstance instance,
      List<Tensor> inputs,
      OutputMemory.Pool pool,
      Consumer<List<Tensor>> reader) {
    InferenceRequest request =
        InferenceRequest.of(ModelId.of(name.model()), inputs.toArray(Tensor[]::new));
    @Nullable Tensor[] ordered = rules.inputsOf(request);
    int rows = rules.rowsOf(ordered);
    List<PendingRequest> pending =
        List.of(
            PendingRequest.trial(
                request, ordered, rules.outputsOf(request), rows, shape.layouts()));
    OutputMemory memory = pool.open();
    try (InputGatherer gatherer = new InputGatherer(shape.layouts())) {
      List<Tensor> all = gatherer.gather(pending, rows);
      shape.batchInputs().addTo(all, pending, memory);
      all.addAll(sequences.trial(rows, memory));
      boolean[] isRequested = new boolean[shape.outputNames().size()];
      Arrays.fill(isRequested, true);
      Batch batch = new Batch(rows, all, shape.outputNames(), isRequested, memory);
      execute(instance, batch);
      requireAll(batch);
      reader.accept(scatter.of(pending, batch, memory).getFirst());
    } finally {
      memory.release();
    }
  }

  private static void execute(ModelInstance instance, Batch batch) {
    try {
      instance.execute(batch);
    } catch (InstanceLostException e) {
      throw ServingException.internal(String.valueOf(e.getMessage()), e);
    }
  }

  private void requireAll(Batch batch) {
    for (int i = 0; i < shape.outputNames().size(); i++) {
      if (batch.output(i) == null) {
        throw new ServingException(
            ErrorCode.INTERNAL,
            "the backend did not provide output '%s' (expected: every output asked for)"
                .formatted(shape.outputNames().get(i)));
      }
    }
  }
}
