package org.etalon.analysis.denoise;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.etalon.inference.InferenceService;
import org.etalon.strain.GpsTime;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.signal.Butterworth;
import org.etalon.strain.source.StrainChunk;
import org.etalon.strain.stream.Subtractor;
import org.etalon.strain.stream.ZeroPhaseFilter;

/**
 * Cleans a stretch of time without gaps. Owned by one thread.
 *
 * <p>Updates are of one second, counted from the stretch's start, however the data come; what is
 * left at the end is cut to a multiple of the stride, and the few samples behind it are given as
 * they came.
 */
final class CleanStretch {
  private final int rateHz;
  private final int stride;
  private final NoisePrediction prediction;
  private final Subtractor subtractor;
  private final ArrayDeque<double[]> strain = new ArrayDeque<>();
  private final Rest rest;
  private long nextNs;

  /** Samples still to be dropped from what the subtractor gives: those before the start. */
  private int early;

  /** What has come since the last whole update: strain and witnesses side by side. */
  private static final class Rest {
    private final double[] strain;
    private final float[][] witness;
    private int size;

    Rest(int channels, int capacity) {
      strain = new double[capacity];
      witness = new float[channels][capacity];
    }
  }

  CleanStretch(
      DenoiseConfig config, DenoisingModel model, InferenceService service, StrainChunk first)
      throws IOException {
    this.rateHz = rate(first);
    DenoiseSettings settings = config.settings();
    this.stride = (int) GpsTime.samples(settings.strideSeconds(), rateHz);
    if (stride < 1 || rateHz % stride != 0 || stride > model.kernel()) {
      throw new IOException(
          "strideSeconds: %s (expected: a whole number of samples at %d Hz that divides a second, at most the kernel's %d)"
              .formatted(settings.strideSeconds(), rateHz, model.kernel()));
    }
    int all = model.kernel() - stride;
    int latency =
        settings.latencySeconds() * rateHz >= all
            ? all
            : (int) GpsTime.samples(settings.latencySeconds(), rateHz);
    this.prediction =
        new NoisePrediction(service, model, config.witnessChannels().size(), stride, latency);
    this.subtractor = new Subtractor(latency, settings.strainPerUnit(), filter(settings, rateHz));
    this.rest = new Rest(config.witnessChannels().size(), rateHz);
    this.nextNs = first.span().startNs();
    this.early = subtractor.latencySamples();
  }

  private static ZeroPhaseFilter filter(DenoiseSettings settings, int rateHz) {
    return ZeroPhaseFilter.bothWays(
        Butterworth.bandpass(
            settings.bandOrder(), settings.bandLowHz(), settings.bandHighHz(), rateHz),
        (int) GpsTime.samples(settings.filterSeconds() / 2, rateHz));
  }

  private static int rate(StrainChunk chunk) throws IOException {
    double rate = chunk.channels().getFirst().sampleRateHz();
    for (TimeSeries channel : chunk.channels()) {
      if (channel.sampleRateHz() != rate || rate != Math.rint(rate)) {
        throw new IOException(
            "%s is sampled at %s Hz (expected: a whole number of hertz, the same for strain and witnesses; %s has %s Hz)"
                .formatted(
                    channel.channel(),
                    channel.sampleRateHz(),
                    chunk.channels().getFirst().channel(),
                    rate));
      }
    }
    return (int) rate;
  }

  /** How much of the past has a part in a sample, rounded up to whole updates, and one more. */
  long memoryNs() {
    long samples = (long) prediction.memorySamples() + subtractor.memorySamples();
    return (Math.ceilDiv(samples, (long) rateHz) + 1) * GpsTime.NS_PER_SECOND;
  }

  /** How late a sample is cleaned, by the data's own time. */
  long latencyNs() {
    return GpsTime.durationNs(subtractor.latencySamples(), rateHz);
  }

  /** Takes more of the stretch; the first channel is the strain. */
  void push(StrainChunk chunk) {
    int size = chunk.channels().getFirst().size();
    int at = 0;
    while (at < size) {
      int count = Math.min(rateHz - rest.size, size - at);
      System.arraycopy(chunk.channels().getFirst().samples(), at, rest.strain, rest.size, count);
      for (int c = 0; c < rest.witness.length; c++) {
        double[] samples = chunk.channels().get(c + 1).samples();
        for (int i = 0; i < count; i++) {
          rest.witness[c][rest.size + i] = (float) samples[at + i];
        }
      }
      rest.size += count;
      at += count;
      if (rest.size == rateHz) {
        ask(rateHz);
        rest.size = 0;
      }
    }
  }

  private void ask(int samples) {
    float[] update = new float[rest.witness.length * samples];
    for (int c = 0; c < rest.witness.length; c++) {
      System.arraycopy(rest.witness[c], 0, update, c * samples, samples);
    }
    prediction.push(update);
    strain.add(Arrays.copyOf(rest.strain, samples));
  }

  /** Gives what is cleaned, leaving at most so many updates with the network. */
  void give(int leave, CleanSink sink) throws IOException {
    while (prediction.pending() > leave) {
      double[] noise = prediction.take();
      give(subtractor.push(strain.remove(), noise, false), sink);
    }
  }

  /** Gives all that is left; the stretch is over. */
  void end(CleanSink sink) throws IOException {
    int whole = rest.size / stride * stride;
    if (whole > 0) {
      ask(whole);
    }
    give(0, sink);
    double[] last = Arrays.copyOfRange(rest.strain, whole, rest.size);
    double[] noise = prediction.end();
    give(subtractor.push(last, Arrays.copyOf(noise, noise.length + last.length), true), sink);
  }

  private void give(double[] cleaned, CleanSink sink) throws IOException {
    int drop = Math.min(early, cleaned.length);
    early -= drop;
    if (drop < cleaned.length) {
      double[] samples = Arrays.copyOfRange(cleaned, drop, cleaned.length);
      sink.take(nextNs, rateHz, samples);
      nextNs += GpsTime.durationNs(samples.length, rateHz);
    }
  }
}
