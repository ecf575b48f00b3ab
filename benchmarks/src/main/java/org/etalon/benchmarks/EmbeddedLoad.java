package org.etalon.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** The engine in this process, without a network: {@code mlp} with so many requests in flight. */
final class EmbeddedLoad implements AutoCloseable {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Engine engine;
  private final Arena arena = Arena.ofShared();
  private final InferenceRequest request;
  private final int inFlight;

  EmbeddedLoad(Path repository, Dataset data, int rows, int inFlight) {
    EngineConfig config =
        EngineConfig.of(List.of(repository)).withControl(ModelControl.EXPLICIT, Set.of("mlp"));
    this.engine = Engine.start(config, Engine.installedBackends());
    this.inFlight = inFlight;
    long bytes = (long) rows * Dataset.WIDTH * Float.BYTES;
    MemorySegment memory = arena.allocate(bytes, 64);
    MemorySegment.copy(MemorySegment.ofArray(data.values()), 0, memory, 0, bytes);
    this.request =
        InferenceRequest.of(
            ModelId.of("mlp"),
            new Tensor("x", DataType.FP32, Shape.of(rows, Dataset.WIDTH), memory));
  }

  /** Asks so many times, and adds what it took to the row. */
  void measure(int requests, Row row) throws InterruptedException {
    long cpu = PROCESS.getProcessCpuTime();
    long start = System.nanoTime();
    ask(requests);
    double seconds = (System.nanoTime() - start) / 1e9;
    double millis = seconds * 1e3 / requests * inFlight; // as many are in flight at any time
    row.add((PROCESS.getProcessCpuTime() - cpu) / 1e3 / requests, requests / seconds, millis);
  }

  void ask(int requests) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(requests - inFlight);
    CountDownLatch ended = new CountDownLatch(inFlight);
    for (int i = 0; i < inFlight; i++) {
      engine.submit(request, new Asker(left, ended));
    }
    ended.await();
  }

  /** Asks again as soon as it is answered. */
  private final class Asker implements ResponseHandler {
    private final AtomicInteger left;
    private final CountDownLatch ended;

    Asker(AtomicInteger left, CountDownLatch ended) {
      this.left = left;
      this.ended = ended;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      response.close();
      if (left.getAndDecrement() > 0) {
        engine.submit(request, this);
      } else {
        ended.countDown();
      }
    }

    @Override
    public void onError(ServingException error) {
      throw new IllegalStateException("the engine refused", error);
    }
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
