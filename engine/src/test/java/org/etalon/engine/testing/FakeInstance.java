package org.etalon.engine.testing;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Runs a {@code model.fake}, and insists on its thread. */
final class FakeInstance implements ModelInstance {
  private final FakeModel model;
  private final float addend;
  private final Duration slowness;
  private final Thread owner = Thread.currentThread();

  FakeInstance(FakeModel model) {
    this.model = model;
    this.addend = Float.parseFloat(model.argument("add", "0"));
    this.slowness =
        Duration.ofMillis(Long.parseLong(model.argument("slow", "0ms").replace("ms", "")));
    model.backend().instances.incrementAndGet();
  }

  @Override
  public void execute(Batch batch) {
    insistOnOwner();
    model.backend().runs.incrementAndGet();
    if (model.isOrdered("hold")) {
      hold();
    }
    if (slowness.isPositive()) {
      LockSupport.parkNanos(slowness.toNanos());
    }
    if (model.isOrdered("fail")) {
      throw new ServingException(ErrorCode.INTERNAL, "failed, as ordered");
    }
    Shape shape = batch.inputs().getFirst().shape();
    for (int output = 0; output < batch.outputCount(); output++) {
      if (batch.isRequested(output)) {
        MemorySegment data = batch.allocate(output, DataType.FP32, shape);
        for (long i = 0; i < shape.elementCount(); i++) {
          data.set(Tensor.FLOAT, 4 * i, sum(batch, i));
        }
      }
    }
  }

  private float sum(Batch batch, long element) {
    float sum = addend;
    for (Tensor input : batch.inputs()) {
      sum += input.data().get(Tensor.FLOAT, 4 * element);
    }
    return sum;
  }

  private void hold() {
    try {
      model.backend().released.await();
    } catch (InterruptedException e) {
      throw ServingException.internal("interrupted while holding", e);
    }
  }

  private void insistOnOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "instance of %s used by %s".formatted(owner, Thread.currentThread()));
    }
  }

  @Override
  public void close() {
    insistOnOwner();
    model.backend().instances.decrementAndGet();
  }
}
