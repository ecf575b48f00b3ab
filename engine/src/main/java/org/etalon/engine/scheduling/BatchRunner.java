package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.InstanceLostException;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.request.AnswerThread;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.RequestTrace.Moment;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;

/**
 * Runs batches on one instance: gathers, executes, hands every request its rows. Owned by the
 * thread that runs the instance.
 *
 * <p>When a batch of several requests fails, each is run once more alone, so that one bad request
 * fails nobody else's. When the process that ran a batch has ended, each of its requests is run
 * once more alone, and fails if that ends a process too.
 */
final class BatchRunner implements InstanceRunner {
  private static final InferenceResponse NO_RESPONSE =
      InferenceResponse.of("", 0, Optional.empty(), List.of());

  private final VersionName name;
  private final List<String> outputNames;
  private final SequenceTensors sequences;
  private final ModelInstance instance;
  private final VersionStatistics statistics;
  private final RequestLedger ledger;
  private final InputGatherer gatherer;
  private final BatchInputs batchInputs;
  private final OutputScatter scatter;
  private final OutputMemory.Pool outputs;

  BatchRunner(
      VersionName name,
      ModelShape shape,
      SequenceTensors sequences,
      ModelInstance instance,
      InputGatherer gatherer,
      OutputMemory.Pool outputs,
      VersionStatistics statistics,
      RequestLedger ledger) {
    this.name = name;
    this.outputNames = shape.outputNames();
    this.sequences = sequences;
    this.instance = instance;
    this.statistics = statistics;
    this.ledger = ledger;
    this.gatherer = gatherer;
    this.batchInputs = shape.batchInputs();
    this.scatter = new OutputScatter(name, shape);
    this.outputs = outputs;
  }

  @Override
  public boolean run(ScheduledBatch batch, Runnable onLaterDone) {
    run(batch);
    return true;
  }

  /** Answers every request of the batch, now. */
  void run(ScheduledBatch batch) {
    batch.dropped().forEach(instance::sequenceDropped);
    if (!batch.hasRequests()) {
      return;
    }
    boolean mayRepeat = batch.sequences().isEmpty() || sequences.keepsState();
    try {
      execute(batch);
    } catch (InstanceLostException e) {
      if (mayRepeat) {
        runOnceMore(batch);
      } else {
        failAll(batch, ServingException.internal(String.valueOf(e.getMessage()), e));
      }
    } catch (ServingException e) {
      if (batch.requestCount() == 1 || !mayRepeat) {
        failAll(batch, e);
      } else {
        runOneByOne(batch);
      }
    }
  }

  private void runOneByOne(ScheduledBatch batch) {
    for (ScheduledBatch alone : oneByOne(batch)) {
      run(alone);
    }
  }

  private void runOnceMore(ScheduledBatch batch) {
    for (ScheduledBatch alone : oneByOne(batch)) {
      try {
        execute(alone);
      } catch (InstanceLostException e) {
        failAll(alone, lost(e));
      } catch (ServingException e) {
        failAll(alone, e);
      }
    }
  }

  private static List<ScheduledBatch> oneByOne(ScheduledBatch batch) {
    boolean keepsRows = batch.requestCount() < batch.requests().size();
    List<ScheduledBatch> all = new ArrayList<>();
    for (int i = 0; i < batch.requests().size(); i++) {
      if (!batch.requests().get(i).isPlaceholder()) {
        all.add(batch.alone(i, keepsRows));
      }
    }
    return all;
  }

  private static ServingException lost(InstanceLostException cause) {
    return ServingException.internal(cause.getMessage() + ", for the second time", cause);
  }

  private void failAll(ScheduledBatch batch, ServingException error) {
    for (PendingRequest request : batch.requests()) {
      if (!request.isPlaceholder()) {
        fail(request, error);
      }
    }
  }

  private void execute(ScheduledBatch scheduled) {
    List<PendingRequest> batch = scheduled.requests();
    long taken = System.nanoTime();
    int rows = 0;
    for (int i = 0; i < batch.size(); i++) {
      rows += batch.get(i).rows();
    }
    List<InferenceResponse> responses;
    OutputMemory memory = outputs.open();
    try {
      List<Tensor> inputs = gatherer.gather(batch, rows);
      batchInputs.addTo(inputs, batch, memory);
      if (!scheduled.sequences().isEmpty()) {
        sequences.addTo(inputs, scheduled, memory);
      }
      Batch run = new Batch(rows, inputs, outputNames, requested(batch), memory, batch);
      long gathered = System.nanoTime();
      instance.execute(run);
      long executed = System.nanoTime();
      responses = responses(batch, run, memory);
      if (!scheduled.sequences().isEmpty()) {
        sequences.keep(scheduled, run);
      }
      var times = new VersionStatistics.BatchTimes(taken, gathered, executed, System.nanoTime());
      statistics.answered(scheduled, rows, times);
      note(batch, times);
    } catch (ServingException | InstanceLostException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | LinkageError | InternalError e) {
      // InternalError: memory that a client shared and has cut short.
      throw ServingException.internal("model '%s': %s".formatted(name, e), e);
    } finally {
      memory.release();
    }
    AnswerThread.giveTogether(() -> answer(batch, responses));
  }

  private void answer(List<PendingRequest> batch, List<InferenceResponse> responses) {
    for (int i = 0; i < batch.size(); i++) {
      if (!batch.get(i).isPlaceholder()) {
        ledger.answered(batch.get(i), responses.get(i));
      }
    }
  }

  private static void note(List<PendingRequest> batch, VersionStatistics.BatchTimes times) {
    for (int i = 0; i < batch.size(); i++) {
      RequestTrace trace = batch.get(i).handler().trace();
      if (trace != null) {
        trace.at(Moment.COMPUTE_START, times.taken());
        trace.at(Moment.COMPUTE_INPUT_END, times.gathered());
        trace.at(Moment.COMPUTE_OUTPUT_START, times.executed());
        trace.at(Moment.COMPUTE_END, times.scattered());
      }
    }
  }

  private boolean[] requested(List<PendingRequest> batch) {
    boolean[] requested = new boolean[outputNames.size()];
    for (int i = 0; i < batch.size(); i++) {
      PendingRequest request = batch.get(i);
      for (int n = 0; n < request.outputCount(); n++) {
        requested[request.output(n)] = true;
      }
    }
    sequences.markStates(outputNames, requested);
    return requested;
  }

  /** The requests' parts of the outputs, each of which holds the memory until it is closed. */
  private List<InferenceResponse> responses(
      List<PendingRequest> batch, Batch run, OutputMemory memory) {
    List<List<Tensor>> parts = scatter.of(batch, run, memory);
    List<InferenceResponse> responses = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).isPlaceholder()) {
        responses.add(NO_RESPONSE);
        continue;
      }
      memory.retain();
      responses.add(
          new InferenceResponse(
              name.model(),
              name.version(),
              batch.get(i).request().id(),
              parts.get(i),
              Map.of(),
              memory::release));
    }
    return responses;
  }

  private void fail(PendingRequest request, ServingException error) {
    statistics.failed(FailureReason.BACKEND, System.nanoTime() - request.arrivalNanos());
    ledger.failed(request, error);
  }

  @Override
  public void close() {
    gatherer.close();
    outputs.close();
  }
}
