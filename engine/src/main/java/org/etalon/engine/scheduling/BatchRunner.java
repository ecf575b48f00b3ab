package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.BytesElements;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * Runs batches on one instance: gathers, executes, hands every request its rows. Owned by the
 * thread that runs the instance.
 *
 * <p>When a batch of several requests fails, each is run once more alone, so that one bad request
 * fails nobody else's.
 */
final class BatchRunner implements InstanceRunner {
  private static final InferenceResponse NO_RESPONSE =
      InferenceResponse.of("", 0, Optional.empty(), List.of());

  private final VersionName name;
  private final boolean isBatching;
  private final List<String> outputNames;
  private final SequenceTensors sequences;
  private final ModelInstance instance;
  private final VersionStatistics statistics;
  private final RequestLedger ledger;
  private final InputGatherer gatherer;
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
    this.isBatching = shape.isBatching();
    this.outputNames = shape.outputNames();
    this.sequences = sequences;
    this.instance = instance;
    this.statistics = statistics;
    this.ledger = ledger;
    this.gatherer = gatherer;
    this.outputs = outputs;
  }

  @Override
  public void run(ScheduledBatch batch) {
    batch.dropped().forEach(instance::sequenceDropped);
    if (!batch.hasRequests()) {
      return;
    }
    try {
      execute(batch);
    } catch (ServingException e) {
      boolean mayRepeat = batch.sequences().isEmpty() || sequences.keepsState();
      if (batch.requestCount() == 1 || !mayRepeat) {
        failAll(batch, e);
      } else {
        runOneByOne(batch);
      }
    }
  }

  private void runOneByOne(ScheduledBatch batch) {
    boolean keepsRows = batch.requestCount() < batch.requests().size();
    for (int i = 0; i < batch.requests().size(); i++) {
      if (!batch.requests().get(i).isPlaceholder()) {
        run(batch.alone(i, keepsRows));
      }
    }
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
      if (!scheduled.sequences().isEmpty()) {
        sequences.addTo(inputs, scheduled, memory);
      }
      Batch run = new Batch(rows, inputs, outputNames, requested(batch), memory);
      long gathered = System.nanoTime();
      instance.execute(run);
      long executed = System.nanoTime();
      responses = scatter(batch, run, memory);
      if (!scheduled.sequences().isEmpty()) {
        sequences.keep(scheduled, run);
      }
      statistics.answered(
          scheduled,
          rows,
          new VersionStatistics.BatchTimes(taken, gathered, executed, System.nanoTime()));
    } catch (ServingException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | LinkageError | InternalError e) {
      // InternalError: memory that a client shared and has cut short.
      throw ServingException.internal("model '%s': %s".formatted(name, e), e);
    } finally {
      memory.release();
    }
    for (int i = 0; i < batch.size(); i++) {
      if (!batch.get(i).isPlaceholder()) {
        ledger.answered(batch.get(i), responses.get(i));
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

  /** Views of the batch's outputs, each of which holds the memory until it is closed. */
  private List<InferenceResponse> scatter(
      List<PendingRequest> batch, Batch run, OutputMemory memory) {
    List<List<Tensor>> parts = new ArrayList<>(batch.size());
    RowCursor cursor = new RowCursor(run, outputNames.size());
    for (int i = 0; i < batch.size(); i++) {
      PendingRequest request = batch.get(i);
      List<Tensor> tensors = new ArrayList<>(request.outputCount());
      for (int n = 0; n < request.outputCount(); n++) {
        tensors.add(cursor.rows(request.output(n), request.rows()));
      }
      cursor.advance(request.rows());
      parts.add(tensors);
    }
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

  /** Where the next request's rows begin in each output. */
  private final class RowCursor {
    private final Batch run;
    private final long[] offsets;
    private int row;

    RowCursor(Batch run, int outputCount) {
      this.run = run;
      this.offsets = new long[outputCount];
    }

    /** The next rows of an output; called at most once a request and output. */
    Tensor rows(int output, int count) {
      Tensor whole = run.output(output);
      if (whole == null) {
        throw new ServingException(
            ErrorCode.INTERNAL,
            "model '%s' gave no output '%s'".formatted(name, outputNames.get(output)));
      }
      if (!isBatching) {
        return whole;
      }
      Shape shape = whole.shape();
      if (shape.rank() == 0 || shape.dim(0) != run.rows()) {
        throw new ServingException(
            ErrorCode.INTERNAL,
            "model '%s' gave output '%s' of shape %s for a batch of %d (expected: the batch as first dimension)"
                .formatted(name, outputNames.get(output), shape, run.rows()));
      }
      if (count == run.rows()) {
        return whole;
      }
      long from;
      long to;
      if (whole.datatype().isFixedSize()) {
        long rowBytes = whole.data().byteSize() / run.rows();
        from = row * rowBytes;
        to = from + count * rowBytes;
      } else {
        from = bytesOffset(whole, output);
        to = BytesElements.skip(whole.data(), from, shape.elementCount() / run.rows() * count);
      }
      return new Tensor(
          whole.name(),
          whole.datatype(),
          shape.withFirst(count),
          whole.data().asSlice(from, to - from));
    }

    /** A BYTES row has no fixed size: its offset is where the rows before it end. */
    private long bytesOffset(Tensor whole, int output) {
      long perRow = whole.shape().elementCount() / run.rows();
      if (offsets[output] == 0 && row > 0) {
        offsets[output] = BytesElements.skip(whole.data(), 0, perRow * row);
      }
      return offsets[output];
    }

    void advance(int count) {
      for (int output = 0; output < offsets.length; output++) {
        Tensor whole = run.output(output);
        if (isBatching
            && whole != null
            && !whole.datatype().isFixedSize()
            && row + count < run.rows()) {
          long perRow = whole.shape().elementCount() / run.rows();
          offsets[output] =
              BytesElements.skip(whole.data(), bytesOffset(whole, output), perRow * count);
        }
      }
      row += count;
    }
  }
}
