package org.etalon.backends.repeat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.DecoupledRequest;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Begins the answers to a request, and is busy with it as long as it says. Owned by its thread. */
final class RepeatInstance implements ModelInstance {
  /** How soon an instance sees that its request was given up. */
  private static final long MAX_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final ScheduledExecutorService clock;

  RepeatInstance(ScheduledExecutorService clock) {
    this.clock = clock;
  }

  @Override
  public void execute(Batch batch) {
    throw new UnsupportedOperationException("a decoupled model runs no batches");
  }

  @Override
  public void execute(List<DecoupledRequest> requests) {
    requests.forEach(this::begin);
  }

  private void begin(DecoupledRequest request) {
    Tensor in = request.inputs().get(0);
    Tensor delay = request.inputs().get(1);
    if (!in.shape().equals(delay.shape())) {
      request.fail(
          ServingException.invalid(
              "DELAY has %d elements (expected: one for each of IN, which has %d)"
                  .formatted(delay.shape().elementCount(), in.shape().elementCount())));
      return;
    }
    // Read before the first answer: the memory is the asker's again when the last is given.
    long busyMillis = unsigned(request.inputs().get(2), 0);
    new Answers(request, in, delay).next();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(busyMillis);
    for (long left = busyMillis; left > 0 && !request.isCancelled(); ) {
      LockSupport.parkNanos(Math.min(end - System.nanoTime(), MAX_PARK_NANOS));
      left = end - System.nanoTime();
    }
  }

  private static long unsigned(Tensor tensor, long index) {
    return Integer.toUnsignedLong(tensor.data().get(Tensor.INT, 4 * index));
  }

  @Override
  public void close() {}

  /** The answers to one request, each of which leads to the next. Owned by one thread at a time. */
  private final class Answers {
    private final DecoupledRequest request;
    private final Tensor in;
    private final Tensor delay;
    private final long count;
    private int index;

    Answers(DecoupledRequest request, Tensor in, Tensor delay) {
      this.request = request;
      this.in = in;
      this.delay = delay;
      this.count = in.shape().elementCount();
    }

    /** Waits for the next answer's time, or ends. */
    void next() {
      if (index == count) {
        request.finish();
        return;
      }
      Future<?> due =
          clock.schedule(
              () -> request.onReady(this::send), unsigned(delay, index), TimeUnit.MILLISECONDS);
      request.onCancel(() -> {
        due.cancel(false);
        request.finish();
      });
    }

    private void send() {
      Tensor out = scalar("OUT", DataType.INT32, in.data().get(Tensor.INT, 4L * index));
      Tensor position = scalar("IDX", DataType.UINT32, index);
      index++;
      request.send(List.of(out, position), () -> {});
      next();
    }

    private static Tensor scalar(String name, DataType datatype, int value) {
      return new Tensor(name, datatype, Shape.of(1), MemorySegment.ofArray(new int[] {value}));
    }
  }
}
