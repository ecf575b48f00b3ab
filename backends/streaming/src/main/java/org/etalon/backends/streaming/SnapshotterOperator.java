package org.etalon.backends.streaming;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.strain.stream.Snapshotter;

/** Updates {@code [channels, n * stride]} to kernels {@code [n, channels, kernel]}. */
final class SnapshotterOperator implements Operator {
  private final Snapshotter snapshotter;
  private final int channels;
  private final int kernel;
  private final int stride;

  private SnapshotterOperator(int channels, int kernel, int stride) {
    this.snapshotter = new Snapshotter(channels, kernel, stride);
    this.channels = channels;
    this.kernel = kernel;
    this.stride = stride;
  }

  static Operator open(OperatorSettings settings) {
    return new SnapshotterOperator(
        settings.whole("channels"), settings.whole("kernel"), settings.whole("stride"));
  }

  @Override
  public Signature signature() {
    return new Signature(
        List.of(new TensorSpec("update", DataType.TYPE_FP32, List.of((long) channels, -1L))),
        new TensorSpec("kernels", DataType.TYPE_FP32, List.of(-1L, (long) channels, (long) kernel)),
        snapshotter.memorySamples(),
        stride,
        0,
        1);
  }

  @Override
  public void run(List<Tensor> inputs, boolean isEnd, Batch batch) {
    Tensor update = inputs.getFirst();
    long samples = update.shape().dim(1);
    if (samples < stride || samples % stride != 0) {
      throw new IllegalArgumentException(
          "update '%s' of shape %s (expected: [%d, a multiple of the stride of %d samples])"
              .formatted(update.name(), update.shape(), channels, stride));
    }
    MemorySegment kernels =
        batch.allocate(
            0, org.etalon.inference.DataType.FP32, Shape.of(samples / stride, channels, kernel));
    snapshotter.push(update.data(), kernels);
  }
}
