package org.etalon.analysis.dataset;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs a data set through a model. {@link #run} asks for batches in order, up to {@code
 * maxInFlight} at a time, and writes outputs in the order of the inputs. Owned by the thread that
 * calls {@code run}; responses are taken on the service's threads.
 *
 * <p>What is done is on record every second: run again with the same settings and files, a stopped
 * job goes on where it stopped.
 */
public final class DatasetInference {
  private static final long TARGET_BLOCK_BYTES = 1 << 20;
  private static final long RECORD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int MAX_BLOCK_BATCHES = 512;

  private final InferenceService service;
  private final DatasetConfig config;
  private final DatasetProgress progress;
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<OutputBlock> complete = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  public DatasetInference(
      InferenceService service, DatasetConfig config, DatasetProgress progress) {
    this.service = service;
    this.config = config;
    this.progress = progress;
    this.permits = new Semaphore(config.maxInFlight());
  }

  /**
   * Runs the data set to its end.
   *
   * @return rows written, those of an earlier run among them
   * @throws IOException if a file cannot be read or written or does not fit the model; what is done
   *     stays on record
   * @throws ServingException if the model refuses a batch
   */
  public long run() throws IOException {
    ModelMetadata model = service.metadata(config.model());
    ModelId version = newest(model);
    List<OutputTarget> targets = OutputTarget.all(model, config.outputs(), config.mayReplace());
    List<DatasetInput> inputs = DatasetInput.openAll(model, config.inputs());
    try {
      JobRecord record = JobRecord.of(targets.getFirst().beside("job"), description(version));
      long rows = inputs.getFirst().rowCount();
      if (rows == 0) {
        throw new IOException("%s: no rows".formatted(inputs.getFirst().path()));
      }
      run(new Job(version, inputs, targets, record, rows));
      return rows;
    } finally {
      DatasetInput.closeAll(inputs);
    }
  }

  private record Job(
      ModelId model,
      List<DatasetInput> inputs,
      List<OutputTarget> targets,
      JobRecord record,
      long rows) {}

  /** The version all batches are asked of, also if a newer one comes meanwhile. */
  private ModelId newest(ModelMetadata model) {
    return config.model().version().isPresent()
        ? config.model()
        : ModelId.of(model.name(), model.versions().getLast());
  }

  private List<String> description(ModelId version) throws IOException {
    List<String> what = new ArrayList<>();
    what.add(version.toString());
    what.add(Integer.toString(config.batchSize()));
    for (var input : config.inputs().entrySet()) {
      var path = input.getValue();
      what.add(
          "%s=%s %d %s"
              .formatted(
                  input.getKey(),
                  path.toAbsolutePath(),
                  Files.size(path),
                  Files.getLastModifiedTime(path)));
    }
    config.outputs().forEach((name, path) -> what.add(name + "=" + path.toAbsolutePath()));
    return what;
  }

  private void run(Job job) throws IOException {
    long done = Math.min(job.record().completeRows(), job.rows());
    List<RowLayout> layouts = layouts(job);
    OutputFiles files = OutputFiles.open(job.targets(), layouts, job.rows(), done);
    Written written = new Written(job, files, done);
    try (files) {
      progress.advanced(done, job.rows());
      submitAll(job, written, layouts, done);
      files.finish();
      job.record().delete();
    } finally {
      if (written.isNothing()) {
        files.discard();
        job.record().delete();
      }
    }
  }

  /** What the outputs look like, from the first batch's answer. */
  private List<RowLayout> layouts(Job job) throws IOException {
    int rows = (int) Math.min(config.batchSize(), job.rows());
    try (InferenceResponse response = service.infer(request(job, 0, rows)).join()) {
      List<RowLayout> layouts = new ArrayList<>();
      for (Tensor output : response.outputs()) {
        layouts.add(RowLayout.of(output, rows));
      }
      return layouts;
    } catch (CompletionException e) {
      throw cause(e);
    }
  }

  private InferenceRequest request(Job job, long firstRow, int rows) throws IOException {
    InferenceRequest.Builder request = InferenceRequest.to(job.model());
    for (DatasetInput input : job.inputs()) {
      Shape shape = input.array().shape().withFirst(rows);
      request.input(
          new Tensor(input.name(), input.datatype(), shape, input.array().rows(firstRow, rows)));
    }
    for (OutputTarget target : job.targets()) {
      target.outputs().forEach(name -> request.output(RequestedOutput.of(name)));
    }
    return request.build();
  }

  private void submitAll(Job job, Written written, List<RowLayout> layouts, long from)
      throws IOException {
    long rowBytes = layouts.stream().mapToLong(RowLayout::rowBytes).sum();
    long batchBytes = Math.max(1, rowBytes * config.batchSize());
    int most = Math.clamp(TARGET_BLOCK_BYTES / batchBytes, 1, MAX_BLOCK_BATCHES);
    int batches = 1;
    try {
      long first = from;
      while (first < job.rows() && failure.get() == null) {
        int rows = (int) Math.min((long) batches * config.batchSize(), job.rows() - first);
        long start = System.nanoTime();
        submit(job, first, rows, layouts, written);
        batches = Math.min(most, nextBlock(batches, System.nanoTime() - start));
        first += rows;
      }
    } finally {
      permits.acquireUninterruptibly(config.maxInFlight());
      permits.release(config.maxInFlight());
      written.drainAndRecord();
    }
    Exception first = failure.get();
    if (first != null) {
      throw cause(first);
    }
  }

  /**
   * Batches of the next block: fewer where one took long, since what a slow model has done reaches
   * disk and record by whole blocks; more where it did not, since a write for each is slow.
   */
  private static int nextBlock(int batches, long nanos) {
    return nanos <= BLOCK_NANOS ? 2 * batches : (int) Math.max(1, batches * BLOCK_NANOS / nanos);
  }

  private void submit(Job job, long first, int rows, List<RowLayout> layouts, Written written)
      throws IOException {
    int batches = Math.ceilDiv(rows, config.batchSize());
    OutputBlock block = new OutputBlock(first, rows, batches, layouts);
    for (int i = 0; i < batches && failure.get() == null; i++) {
      long row = first + (long) i * config.batchSize();
      int count = (int) Math.min(config.batchSize(), first + rows - row);
      InferenceRequest request = request(job, row, count);
      acquire();
      var _ =
          service
              .infer(request)
              .whenComplete((response, error) -> take(block, row, count, response, error));
      written.drain();
    }
  }

  private void acquire() throws IOException {
    try {
      permits.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted; what is done is on record");
    }
  }

  /** On the service's threads. */
  private void take(
      OutputBlock block,
      long row,
      int count,
      @Nullable InferenceResponse response,
      @Nullable Throwable error) {
    try (response) {
      if (response == null) {
        failure.compareAndSet(null, rowsFailed(row, count, error));
      } else if (block.put(row, count, response)) {
        complete.add(block);
      }
    } catch (IOException | RuntimeException e) {
      failure.compareAndSet(null, e);
    } finally {
      permits.release();
    }
  }

  private static ServingException rowsFailed(long row, int count, @Nullable Throwable error) {
    Throwable cause =
        error instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : error;
    String text = "rows %d to %d: %s".formatted(row, row + count - 1, message(cause));
    return cause instanceof ServingException serving
        ? new ServingException(serving.code(), text, cause)
        : new ServingException(org.etalon.inference.ErrorCode.INTERNAL, text, cause);
  }

  private static String message(@Nullable Throwable cause) {
    return cause == null ? "no answer" : String.valueOf(cause.getMessage());
  }

  private static IOException cause(Exception e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }

  /** Brings complete blocks to the files and the record up to date. */
  private final class Written {
    private final Job job;
    private final OutputFiles files;
    private final BlockOrder order;
    private long recordedNanos = System.nanoTime();

    Written(Job job, OutputFiles files, long done) {
      this.job = job;
      this.files = files;
      this.order = new BlockOrder(done);
    }

    void drain() throws IOException {
      boolean isAny = false;
      for (OutputBlock block = complete.poll(); block != null; block = complete.poll()) {
        files.write(block);
        order.written(block.firstRow(), block.rowCount());
        isAny = true;
      }
      if (isAny) {
        progress.advanced(order.contiguousRows(), job.rows());
        if (System.nanoTime() - recordedNanos >= RECORD_NANOS) {
          record();
        }
      }
    }

    boolean isNothing() {
      return order.contiguousRows() == 0;
    }

    void drainAndRecord() throws IOException {
      drain();
      if (order.contiguousRows() < job.rows()) {
        record();
      }
    }

    private void record() throws IOException {
      files.force();
      job.record().save(order.contiguousRows());
      recordedNanos = System.nanoTime();
    }
  }
}
