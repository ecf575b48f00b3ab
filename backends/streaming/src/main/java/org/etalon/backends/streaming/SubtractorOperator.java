package org.etalon.backends.streaming;

import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.strain.signal.Butterworth;
import org.etalon.strain.stream.Subtractor;
import org.etalon.strain.stream.ZeroPhaseFilter;

/** Strain {@code [samples]} and the noise predicted for it, which lags, to cleaned strain. */
final class SubtractorOperator implements Operator {
  private final Subtractor subtractor;
  private final DataType precision;

  private SubtractorOperator(Subtractor subtractor, DataType precision) {
    this.subtractor = subtractor;
    this.precision = precision;
  }

  static Operator open(OperatorSettings settings) {
    Subtractor subtractor =
        new Subtractor(
            settings.whole("noise_latency"), settings.real("scale", 1), filter(settings));
    return new SubtractorOperator(subtractor, settings.precision(0));
  }

  private static ZeroPhaseFilter filter(OperatorSettings settings) {
    double low = settings.real("band_low_hz", 0);
    double high = settings.real("band_high_hz", 0);
    int order = settings.whole("band_order", 6);
    int rate = settings.whole("sample_rate_hz", 0);
    int half = settings.whole("band_half_length", rate / 2);
    if (low == 0 && high == 0) {
      return ZeroPhaseFilter.none();
    }
    return ZeroPhaseFilter.bothWays(Butterworth.bandpass(order, low, high, rate), half);
  }

  @Override
  public Signature signature() {
    List<Long> series = List.of(-1L);
    return new Signature(
        List.of(
            new TensorSpec("strain", precision, series),
            new TensorSpec("noise", DataType.TYPE_FP32, series)),
        new TensorSpec("cleaned", precision, series),
        subtractor.memorySamples(),
        1,
        subtractor.latencySamples(),
        1);
  }

  @Override
  public void run(List<Tensor> inputs, boolean isEnd, Batch batch) {
    double[] cleaned = subtractor.push(series(inputs.getFirst()), series(inputs.get(1)), isEnd);
    Doubles.write(
        batch, inputs.getFirst().datatype(), Shape.of(cleaned.length), new double[][] {cleaned});
  }

  private static double[] series(Tensor tensor) {
    return Doubles.read(tensor, 0, Math.toIntExact(tensor.shape().elementCount()));
  }
}
