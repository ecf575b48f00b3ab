package org.etalon.engine.scheduling;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a batch of so many requests of 8 rows takes around the model, all requests together. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SchedulingParts {
  private static final int ROWS = 8;
  private static final int WIDTH = 64;
  private static final String CONFIG =
      """
      name: 'mlp' max_batch_size: 512 dynamic_batching {}
      input [{name: 'x' data_type: TYPE_FP32 dims: [64]}]
      output [{name: 'y' data_type: TYPE_FP32 dims: [1]}]
      """;

  @Param({"1", "8", "64"})
  public int requests;

  private final ModelConfig config = ModelConfigReader.parse("benchmark", CONFIG).config();
  private final ModelShape shape = ModelShape.of(config);
  private final RequestQueue queue =
      new RequestQueue(BatchingPolicy.of(config), new NoAlarm(), System::nanoTime);
  private final InputGatherer gatherer = new InputGatherer(shape.layouts());
  private final OutputScatter scatter = new OutputScatter(new VersionName("mlp", 1), shape);
  private final OutputMemory.Pool pool = new OutputMemory.Pool();
  private final List<PendingRequest> batch = new ArrayList<>();
  private Arena arena = Arena.ofShared();

  private static final class NoAlarm implements QueueTimer.Alarm {
    @Override
    public void ringBy(long nanos, long nowNanos) {}

    @Override
    public void rang() {}
  }

  private static final class Nobody implements ResponseHandler {
    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      response.close();
    }

    @Override
    public void onError(ServingException error) {}
  }

  /** Makes the requests, and checks once that they make one batch. */
  @Setup(Level.Trial)
  public void make() {
    arena = Arena.ofShared();
    batch.clear();
    for (int i = 0; i < requests; i++) {
      Tensor x =
          new Tensor(
              "x",
              DataType.FP32,
              Shape.of(ROWS, WIDTH),
              arena.allocate((long) ROWS * WIDTH * Float.BYTES, 64));
      batch.add(
          new PendingRequest(
              InferenceRequest.of(ModelId.of("mlp"), x),
              new Nobody(),
              new Tensor[] {x},
              new int[] {0},
              ROWS,
              System.nanoTime(),
              shape.layouts()));
    }
    ScheduledBatch taken = queue();
    if (taken == null || taken.requests().size() != requests) {
      throw new IllegalStateException("the requests do not make one batch");
    }
  }

  /** Into the queue one by one, and out as a batch. */
  @Benchmark
  public ScheduledBatch queue() {
    for (int i = 0; i < requests; i++) {
      queue.add(batch.get(i));
    }
    return queue.take(0);
  }

  /** Rows laid side by side. */
  @Benchmark
  public List<Tensor> gather() {
    return gatherer.gather(batch, requests * ROWS);
  }

  /** Memory for the outputs, each request's part of it, and the memory given back. */
  @Benchmark
  public List<List<Tensor>> scatter() {
    OutputMemory memory = pool.open();
    int rows = requests * ROWS;
    Batch run = new Batch(rows, List.of(), shape.outputNames(), new boolean[] {true}, memory);
    run.allocate(0, DataType.FP32, Shape.of(rows, 1));
    List<List<Tensor>> parts = scatter.of(batch, run, memory);
    memory.release();
    return parts;
  }

  /** Gives all memory back. */
  @TearDown(Level.Trial)
  public void close() {
    gatherer.close();
    pool.close();
    arena.close();
  }
}
