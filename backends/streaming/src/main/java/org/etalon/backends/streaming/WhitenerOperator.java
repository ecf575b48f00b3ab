package org.etalon.backends.streaming;

import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.strain.signal.WhiteningSettings;
import org.etalon.strain.stream.Whitener;
import org.etalon.strain.stream.WhitenerSettings;

/**
 * Strain of several detectors to whitened strain {@code [detectors, samples]}. With the parameter
 * {@code series}, names between commas, each detector's strain is an input of its own, {@code
 * [samples]}; else all come as one input {@code [channels, samples]}.
 */
final class WhitenerOperator implements Operator {
  private final WhitenerSettings settings;
  private final List<Whitener> whiteners = new ArrayList<>();
  private final List<String> series;
  private final List<DataType> datatypes = new ArrayList<>();

  private WhitenerOperator(OperatorSettings given) {
    this.settings = settings(given);
    this.series = given.names("series");
    int count = series.isEmpty() ? given.whole("channels", 1) : series.size();
    for (int i = 0; i < count; i++) {
      whiteners.add(new Whitener(settings));
    }
    for (int i = 0; i < Math.max(1, series.size()); i++) {
      datatypes.add(given.precision(i));
    }
  }

  static Operator open(OperatorSettings settings) {
    return new WhitenerOperator(settings);
  }

  private static WhitenerSettings settings(OperatorSettings given) {
    int inputRate = given.whole("input_rate_hz");
    int rate = given.whole("sample_rate_hz", inputRate);
    double filter = given.real("filter_seconds", 1);
    double highpass = given.real("highpass_hz", 20);
    int least =
        WhitenerSettings.minLatencySamples(
            inputRate, rate, new WhiteningSettings(rate, filter, highpass));
    return new WhitenerSettings(
        inputRate,
        rate,
        given.whole("psd_seconds", 32),
        given.whole("first_psd_seconds", 8),
        given.whole("fft_seconds", 2),
        filter,
        highpass,
        given.whole("latency", least));
  }

  @Override
  public Signature signature() {
    List<TensorSpec> inputs = new ArrayList<>();
    for (int i = 0; i < datatypes.size(); i++) {
      inputs.add(
          series.isEmpty()
              ? new TensorSpec("strain", datatypes.get(i), List.of((long) whiteners.size(), -1L))
              : new TensorSpec(series.get(i), datatypes.get(i), List.of(-1L)));
    }
    Whitener first = whiteners.getFirst();
    return new Signature(
        inputs,
        new TensorSpec("whitened", DataType.TYPE_FP32, List.of((long) whiteners.size(), -1L)),
        first.memorySamples(),
        first.alignmentSamples(),
        first.latencySamples(),
        settings.inputRateHz() / settings.sampleRateHz());
  }

  @Override
  public void run(List<Tensor> inputs, boolean isEnd, Batch batch) {
    double[][] strain = new double[whiteners.size()][];
    for (int i = 0; i < strain.length; i++) {
      Tensor input = inputs.get(series.isEmpty() ? 0 : i);
      int samples = Math.toIntExact(input.shape().dim(input.shape().rank() - 1));
      strain[i] = Doubles.read(input, series.isEmpty() ? (long) i * samples : 0, samples);
    }
    requireWhole(strain);
    double[][] white = new double[strain.length][];
    for (int i = 0; i < strain.length; i++) {
      white[i] = whiteners.get(i).push(strain[i]);
    }
    Doubles.write(
        batch, org.etalon.inference.DataType.FP32, Shape.of(white.length, white[0].length), white);
  }

  /** Checked before any whitener takes its part, so that none is ahead of the others. */
  private void requireWhole(double[][] strain) {
    int factor = settings.inputRateHz() / settings.sampleRateHz();
    for (double[] samples : strain) {
      if (samples.length != strain[0].length || samples.length % factor != 0) {
        throw new IllegalArgumentException(
            "%d and %d samples of strain (expected: as many of each, a multiple of %d)"
                .formatted(strain[0].length, samples.length, factor));
      }
      for (double sample : samples) {
        if (!Double.isFinite(sample)) {
          throw new IllegalArgumentException(
              "strain: %s (expected: finite; end the stream before a gap and start it after)"
                  .formatted(sample));
        }
      }
    }
  }
}
