package org.etalon.analysis.denoise;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.strain.stream.Aggregator;
import org.etalon.strain.stream.Snapshotter;
import org.jspecify.annotations.Nullable;

/**
 * The noise that a network predicts for a stretch without gaps, averaged over its overlapping
 * outputs. Owned by one thread.
 *
 * <p>Every update is one request of as many kernels as it completes, however many are under way, so
 * that the same stretch gives the same bits. Kernels that reach back before the stretch are not
 * asked for.
 */
final class NoisePrediction {
  private final InferenceService service;
  private final DenoisingModel model;
  private final int channels;
  private final int stride;
  private final Snapshotter snapshotter;
  private final Aggregator aggregator;
  private final ArrayDeque<Update> pending = new ArrayDeque<>();
  private long samples;

  /**
   * @param unusable kernels, of the first, that reach back before the stretch
   */
  private record Update(
      int kernels, int unusable, @Nullable CompletableFuture<InferenceResponse> answer) {}

  NoisePrediction(
      InferenceService service, DenoisingModel model, int channels, int stride, int latency) {
    this.service = service;
    this.model = model;
    this.channels = channels;
    this.stride = stride;
    this.snapshotter = new Snapshotter(channels, model.kernel(), stride);
    this.aggregator = new Aggregator(1, model.kernel(), stride, latency);
  }

  int latencySamples() {
    return aggregator.latencySamples();
  }

  int memorySamples() {
    return aggregator.memorySamples() + snapshotter.memorySamples();
  }

  /** Updates whose noise has not been taken. */
  int pending() {
    return pending.size();
  }

  /**
   * Asks for the noise of an update.
   *
   * @param witness shape {@code (channels, a multiple of the stride)}
   */
  void push(float[] witness) {
    int kernel = model.kernel();
    int count = witness.length / channels / stride;
    float[] kernels = new float[count * channels * kernel];
    snapshotter.push(MemorySegment.ofArray(witness), MemorySegment.ofArray(kernels));
    long early = Math.ceilDiv(Math.max(0, kernel - samples - stride), stride);
    int unusable = (int) Math.min(count, early);
    samples += (long) count * stride;
    if (unusable == count) {
      pending.add(new Update(count, unusable, null));
      return;
    }
    float[] whole =
        unusable == 0
            ? kernels
            : Arrays.copyOfRange(kernels, unusable * channels * kernel, kernels.length);
    Tensor input = Tensor.of(model.input(), Shape.of(count - unusable, channels, kernel), whole);
    pending.add(new Update(count, unusable, service.infer(InferenceRequest.of(model.id(), input))));
  }

  /**
   * The noise of the oldest update, {@link #latencySamples} late.
   *
   * @throws ServingException if the network failed
   */
  double[] take() throws IOException {
    Update update = pending.remove();
    float[] rows = new float[update.kernels * model.kernel()];
    if (update.answer != null) {
      try (InferenceResponse response = await(update.answer)) {
        float[] outputs = response.output(model.output()).toFloats();
        System.arraycopy(outputs, 0, rows, update.unusable * model.kernel(), outputs.length);
      }
    }
    return aggregate(rows, update.kernels, false);
  }

  /** What is left when all updates have been taken. */
  double[] end() {
    return aggregate(new float[0], 0, true);
  }

  private double[] aggregate(float[] rows, int count, boolean isEnd) {
    float[] series = new float[aggregator.samples(count, isEnd)];
    aggregator.push(rows, count, isEnd, series);
    double[] noise = new double[series.length];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = series[i];
    }
    return noise;
  }

  private static InferenceResponse await(CompletableFuture<InferenceResponse> answer)
      throws IOException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ServingException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
