package org.etalon.strain.stream;

/**
 * Averages a network's overlapping outputs into one series.
 *
 * <p>Output {@code j} belongs to the kernel that ends after {@code (j + 1) * stride} samples. A
 * sample's value is the mean over all outputs that cover it and have come by the time it is given,
 * {@code latency} samples later: a latency of {@code kernel - stride} waits for all of them.
 * Outputs of kernels that reach back before the start are not used. A sample that no output covers
 * is zero.
 */
public final class Aggregator {
  private final int channels;
  private final int kernel;
  private final int stride;
  private final int latency;

  /** Sums of the latest {@code span} samples, a ring a channel. */
  private final double[] sums;

  /** Outputs in each sum. */
  private final int[] counts;

  private final int span;
  private int position;
  private long outputs;

  /**
   * @param channels series side by side in an output
   * @param kernel samples of an output
   * @param stride samples from one output to the next
   * @param latency samples between the newest and the newest given
   * @throws IllegalArgumentException if the stride is above the kernel, or the latency above {@code
   *     kernel - stride}
   */
  public Aggregator(int channels, int kernel, int stride, int latency) {
    Shapes.require("channels", channels, 1, Integer.MAX_VALUE);
    Shapes.require("kernel", kernel, 1, Integer.MAX_VALUE);
    Shapes.require("stride", stride, 1, kernel);
    Shapes.require("latency", latency, 0, kernel - stride);
    this.channels = channels;
    this.kernel = kernel;
    this.stride = stride;
    this.latency = latency;
    this.span = latency + stride;
    this.sums = new double[Math.multiplyExact(channels, span)];
    this.counts = new int[span];
  }

  /** Samples by which what is given lags behind what came. */
  public int latencySamples() {
    return latency;
  }

  /** Samples, of outputs, after which nothing of what came before is left. */
  public int memorySamples() {
    return latency;
  }

  /** Samples a channel that {@link #push} gives. */
  public int samples(int count, boolean isEnd) {
    return count * stride + (isEnd ? latency : 0);
  }

  /**
   * Takes new outputs and gives the samples that have become certain, the first of which is {@code
   * latency + stride} samples before the end of the first output.
   *
   * @param rows shape {@code (count, channels, kernel)}
   * @param isEnd true for the last outputs: what is left is given too
   * @param series takes shape {@code (channels, samples(count, isEnd))}
   */
  public void push(float[] rows, int count, boolean isEnd, float[] series) {
    if (rows.length != (long) count * channels * kernel) {
      throw new IllegalArgumentException(
          "outputs: %d values (expected: %d x %d channels x %d samples)"
              .formatted(rows.length, count, channels, kernel));
    }
    int width = samples(count, isEnd);
    for (int j = 0; j < count; j++) {
      outputs++;
      if (outputs * stride >= kernel) {
        add(rows, j * channels * kernel);
      }
      give(stride, series, width, j * stride);
    }
    if (isEnd) {
      give(latency, series, width, count * stride);
    }
  }

  private void add(float[] rows, int offset) {
    for (int c = 0; c < channels; c++) {
      int row = offset + (c + 1) * kernel - span;
      int ring = c * span;
      int first = span - position;
      for (int i = 0; i < first; i++) {
        sums[ring + position + i] += rows[row + i];
      }
      for (int i = 0; i < position; i++) {
        sums[ring + i] += rows[row + first + i];
      }
    }
    for (int i = 0; i < span; i++) {
      counts[i]++;
    }
  }

  /** Gives the oldest samples and makes room for as many new ones. */
  private void give(int count, float[] series, int width, int at) {
    for (int i = 0; i < count; i++) {
      int covered = counts[position];
      for (int c = 0; c < channels; c++) {
        int sum = c * span + position;
        series[c * width + at + i] = covered == 0 ? 0 : (float) (sums[sum] / covered);
        sums[sum] = 0;
      }
      counts[position] = 0;
      position = position + 1 == span ? 0 : position + 1;
    }
  }
}
