package org.etalon.backends.streaming;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.strain.stream.Aggregator;

/**
 * Outputs {@code [n, kernel]} to one series {@code [n * stride]}, or with the parameter {@code
 * channels} {@code [n, channels, kernel]} to {@code [channels, n * stride]}.
 */
final class AggregatorOperator implements Operator {
  private final Aggregator aggregator;
  private final boolean hasChannels;
  private final int channels;
  private final int kernel;
  private final int stride;

  private AggregatorOperator(int channels, int kernel, int stride, int latency) {
    this.hasChannels = channels > 0;
    this.channels = Math.max(1, channels);
    this.kernel = kernel;
    this.stride = stride;
    this.aggregator = new Aggregator(this.channels, kernel, stride, latency);
  }

  static Operator open(OperatorSettings settings) {
    return new AggregatorOperator(
        settings.whole("channels", 0),
        settings.whole("kernel"),
        settings.whole("stride"),
        settings.whole("latency"));
  }

  @Override
  public Signature signature() {
    long wide = channels;
    return new Signature(
        List.of(
            new TensorSpec(
                "outputs",
                DataType.TYPE_FP32,
                hasChannels ? List.of(-1L, wide, (long) kernel) : List.of(-1L, (long) kernel))),
        new TensorSpec(
            "series", DataType.TYPE_FP32, hasChannels ? List.of(wide, -1L) : List.of(-1L)),
        aggregator.memorySamples(),
        stride,
        aggregator.latencySamples(),
        1);
  }

  @Override
  public void run(List<Tensor> inputs, boolean isEnd, Batch batch) {
    Tensor outputs = inputs.getFirst();
    int count = Math.toIntExact(outputs.shape().dim(0));
    int samples = aggregator.samples(count, isEnd);
    float[] series = new float[channels * samples];
    aggregator.push(outputs.toFloats(), count, isEnd, series);
    Shape shape = hasChannels ? Shape.of(channels, samples) : Shape.of(samples);
    MemorySegment data = batch.allocate(0, org.etalon.inference.DataType.FP32, shape);
    MemorySegment.copy(series, 0, data, Tensor.FLOAT, 0, series.length);
  }
}
