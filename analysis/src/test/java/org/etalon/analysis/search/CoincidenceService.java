package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A model whose score is large where both detectors have power within 1/32 s: a stand-in for a
 * network that can be checked by hand. Answers in an order of its own, and is strict: it overwrites
 * its outputs when a response is closed, and counts those that are not.
 */
final class CoincidenceService implements InferenceService {
  private static final int BINS = 32;

  private record Pending(InferenceRequest request, CompletableFuture<InferenceResponse> answer) {}

  private final int kernelSize;
  private final Random random;
  private final List<Pending> pending = new ArrayList<>();
  private final Thread answering;
  private final AtomicInteger open = new AtomicInteger();
  private int mostInFlight;
  private long windows;
  private long failAfterWindows = Long.MAX_VALUE;
  private boolean isClosed;

  CoincidenceService(int kernelSize, long seed) {
    this.kernelSize = kernelSize;
    this.random = new Random(seed);
    this.answering = Thread.ofPlatform().start(this::answerAll);
  }

  /** Fails requests once so many windows were asked for. */
  CoincidenceService failingAfter(long count) {
    failAfterWindows = count;
    return this;
  }

  int openResponses() {
    return open.get();
  }

  synchronized int mostInFlight() {
    return mostInFlight;
  }

  synchronized long windows() {
    return windows;
  }

  /** The score of one window: the largest product of the two detectors' power in 1/32 of it. */
  static float score(float[] first, int fromFirst, float[] second, int fromSecond, int size) {
    double most = 0;
    int bin = size / BINS;
    for (int b = 0; b < BINS; b++) {
      double powerFirst = 0;
      double powerSecond = 0;
      for (int i = b * bin; i < (b + 1) * bin; i++) {
        powerFirst += first[fromFirst + i] * first[fromFirst + i];
        powerSecond += second[fromSecond + i] * second[fromSecond + i];
      }
      most = Math.max(most, powerFirst * powerSecond);
    }
    return (float) Math.log(most / (bin * bin));
  }

  @Override
  public ModelMetadata metadata(ModelId model) {
    return new ModelMetadata(
        model.name(),
        List.of(1L, 3L),
        "test",
        List.of(new TensorMetadata("strain", DataType.FP32, List.of(-1L, 2L, (long) kernelSize))),
        List.of(new TensorMetadata("score", DataType.FP32, List.of(-1L, 1L))));
  }

  @Override
  public synchronized CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
    Pending asked = new Pending(request, new CompletableFuture<>());
    pending.add(asked);
    mostInFlight = Math.max(mostInFlight, pending.size());
    notifyAll();
    return asked.answer();
  }

  private void answerAll() {
    for (Pending next = take(); next != null; next = take()) {
      Tensor input = next.request().inputs().getFirst();
      int rows = (int) input.shape().dim(0);
      if (windows > failAfterWindows) {
        next.answer().completeExceptionally(ServingException.unavailable("gone to lunch"));
      } else {
        next.answer().complete(answer(input.toFloats(), rows));
      }
    }
  }

  private InferenceResponse answer(float[] strain, int rows) {
    float[] scores = new float[rows];
    for (int row = 0; row < rows; row++) {
      int at = 2 * row * kernelSize;
      scores[row] = score(strain, at, strain, at + kernelSize, kernelSize);
    }
    open.incrementAndGet();
    return new InferenceResponse(
        "test",
        3,
        Optional.empty(),
        List.of(Tensor.of("score", Shape.of(rows, 1), scores)),
        java.util.Map.of(),
        () -> {
          java.util.Arrays.fill(scores, Float.NaN);
          open.decrementAndGet();
        });
  }

  private synchronized @Nullable Pending take() {
    while (pending.isEmpty() && !isClosed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    if (pending.isEmpty()) {
      return null;
    }
    Pending next = pending.remove(random.nextInt(pending.size()));
    windows += next.request().inputs().getFirst().shape().dim(0);
    return next;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
    answering.interrupt();
  }
}
