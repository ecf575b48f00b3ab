package org.etalon.strain.stream;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Cuts a series of several channels into overlapping kernels: the network's input windows, one
 * every {@code stride} samples, each ending with the newest sample.
 *
 * <p>The first kernels reach back before the start, where every sample is zero; kernel {@code j}
 * ends after {@code (j + 1) * stride} samples and is whole if that is {@code kernel} or more. Cost:
 * one copy of each kernel. Each channel's past is kept twice, one behind the other, so that a
 * kernel lies in one piece wherever the ring stands.
 */
public final class Snapshotter {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int channels;
  private final int kernel;
  private final int stride;
  private final float[] ring;
  private int position;

  /**
   * @param channels series side by side
   * @param kernel samples in a kernel
   * @param stride samples from one kernel to the next
   * @throws IllegalArgumentException if one is not positive, or the stride above the kernel
   */
  public Snapshotter(int channels, int kernel, int stride) {
    Shapes.require("channels", channels, 1, Integer.MAX_VALUE);
    Shapes.require("kernel", kernel, 1, Integer.MAX_VALUE);
    Shapes.require("stride", stride, 1, kernel);
    this.channels = channels;
    this.kernel = kernel;
    this.stride = stride;
    this.ring = new float[Math.multiplyExact(2 * channels, kernel)];
  }

  /** Samples after which nothing of what came before is left. */
  public int memorySamples() {
    return kernel - stride;
  }

  /**
   * Takes new samples and gives the kernels that they complete.
   *
   * @param update FP32 of shape {@code (channels, n * stride)}, little-endian
   * @param kernels takes FP32 of shape {@code (n, channels, kernel)}
   * @throws IllegalArgumentException if one does not have that size; nothing has happened then
   */
  public void push(MemorySegment update, MemorySegment kernels) {
    long samples = update.byteSize() / Float.BYTES / channels;
    long count = samples / stride;
    if (samples * channels * Float.BYTES != update.byteSize() || samples % stride != 0) {
      throw new IllegalArgumentException(
          "update: %d bytes (expected: FP32 of %d channels and a multiple of the stride of %d samples)"
              .formatted(update.byteSize(), channels, stride));
    }
    if (kernels.byteSize() != count * channels * kernel * Float.BYTES) {
      throw new IllegalArgumentException(
          "kernels: %d bytes (expected: %d kernels of %d x %d FP32)"
              .formatted(kernels.byteSize(), count, channels, kernel));
    }
    for (long j = 0; j < count; j++) {
      take(update, samples, j * stride);
      for (int c = 0; c < channels; c++) {
        MemorySegment.copy(
            ring,
            2 * c * kernel + position,
            kernels,
            FLOAT,
            (j * channels + c) * kernel * Float.BYTES,
            kernel);
      }
    }
  }

  private void take(MemorySegment update, long samples, long from) {
    int first = Math.min(stride, kernel - position);
    for (int c = 0; c < channels; c++) {
      long source = c * samples + from;
      int row = 2 * c * kernel;
      copy(update, source, row + position, first);
      copy(update, source, row + position + kernel, first);
      copy(update, source + first, row, stride - first);
      copy(update, source + first, row + kernel, stride - first);
    }
    position = (position + stride) % kernel;
  }

  private void copy(MemorySegment update, long from, int to, int count) {
    MemorySegment.copy(update, FLOAT, from * Float.BYTES, ring, to, count);
  }
}
