package org.etalon.analysis.search;

import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Asks the model for the score of every window of a time slide.
 *
 * <p>Windows are laid out in slabs of native memory, one for each request in flight, that live as
 * long as the scorer. Answers may come in any order; each writes the scores of its own windows.
 * Owned by one thread; answers arrive on the service's.
 */
final class WindowScorer implements AutoCloseable {
  private final InferenceService service;
  private final ScoringModel model;
  private final SearchSettings settings;
  private final StageClock clock;
  private final Arena arena = Arena.ofShared();
  private final List<Slab> slabs = new ArrayList<>();
  private final BlockingQueue<Slab> free;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** The memory of one request, and the request it is lent to. */
  private static final class Slab {
    final MemorySegment memory;
    volatile @Nullable CompletableFuture<InferenceResponse> answer;

    Slab(MemorySegment memory) {
      this.memory = memory;
    }
  }

  WindowScorer(
      InferenceService service, ScoringModel model, SearchSettings settings, StageClock clock) {
    this.service = service;
    this.model = model;
    this.settings = settings;
    this.clock = clock;
    this.free = new ArrayBlockingQueue<>(settings.maxInFlight());
    long bytes = (long) settings.batchSize() * rowBytes();
    for (int i = 0; i < settings.maxInFlight(); i++) {
      slabs.add(new Slab(arena.allocate(bytes, 64)));
    }
    free.addAll(slabs);
  }

  /**
   * Scores all windows.
   *
   * @param progress told the number of windows of each request once it is sent
   * @return one score a window, in the slide's order
   * @throws ServingException if the model fails; names it and the windows
   * @throws InterruptedIOException if the thread is interrupted; what is in flight is given up
   */
  float[] score(WhiteStrain strain, TimeSlide slide, IntConsumer progress)
      throws InterruptedIOException {
    float[] scores = new float[slide.windows()];
    try {
      for (int first = 0; first < scores.length && failure.get() == null; ) {
        Slab slab = takeFree();
        int rows = Math.min(settings.batchSize(), scores.length - first);
        layOut(strain, slide, first, rows, slab.memory);
        ask(slab, new Batch(strain.ring(), slide, first, rows), scores);
        first += rows;
        progress.accept(rows);
      }
    } catch (InterruptedException e) {
      giveUp();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while windows were scored");
    } finally {
      awaitAll();
    }
    throwFailure();
    return scores;
  }

  /** Waits for what is in flight and frees the slabs. */
  @Override
  public void close() {
    awaitAll();
    arena.close();
  }

  private Slab takeFree() throws InterruptedException {
    Slab slab = free.poll();
    if (slab != null) {
      return slab;
    }
    long began = System.nanoTime();
    slab = free.take();
    clock.waited(System.nanoTime() - began);
    return slab;
  }

  /** Row by row, the first detector's window and then the second's. */
  private void layOut(
      WhiteStrain strain, TimeSlide slide, int first, int rows, MemorySegment into) {
    try (var _ = clock.begin(StageClock.Part.WINDOWS)) {
      float[] fixed = strain.detectors().getFirst();
      float[] shifted = strain.detectors().getLast();
      int kernel = settings.kernelSize();
      long at = 0;
      for (int row = 0; row < rows; row++) {
        int window = first + row;
        MemorySegment.copy(fixed, slide.firstSample(window), into, Tensor.FLOAT, at, kernel);
        at += (long) kernel * Float.BYTES;
        int start = slide.firstSampleShifted(window);
        MemorySegment.copy(shifted, start, into, Tensor.FLOAT, at, kernel);
        at += (long) kernel * Float.BYTES;
      }
    }
  }

  /** The windows of one request. */
  private record Batch(Ring ring, TimeSlide slide, int first, int rows) {
    String describe() {
      return "windows %d to %d (the first at GPS %s) of slide %d"
          .formatted(
              first,
              first + rows - 1,
              org.etalon.strain.GpsTime.format(ring.timeNs(slide.firstSample(first))),
              slide.number());
    }
  }

  private void ask(Slab slab, Batch batch, float[] scores) {
    try (var _ = clock.begin(StageClock.Part.ASKING)) {
      Shape shape = Shape.of(batch.rows(), 2, settings.kernelSize());
      MemorySegment data = slab.memory.asSlice(0, (long) batch.rows() * rowBytes());
      var input = new Tensor(model.input(), DataType.FP32, shape, data);
      CompletableFuture<InferenceResponse> answer;
      try {
        answer = service.infer(InferenceRequest.of(model.id(), input));
      } catch (RuntimeException e) {
        answer = CompletableFuture.failedFuture(e);
      }
      slab.answer = answer;
      var _ =
          answer.whenComplete((response, error) -> answered(slab, batch, scores, response, error));
    }
  }

  private void answered(
      Slab slab,
      Batch batch,
      float[] scores,
      @Nullable InferenceResponse response,
      @Nullable Throwable error) {
    try (response) {
      if (response == null) {
        fail(batch, error);
      } else {
        read(response, batch, scores);
      }
    } catch (RuntimeException e) {
      fail(batch, e);
    } finally {
      slab.answer = null;
      free.add(slab);
    }
  }

  private void read(InferenceResponse response, Batch batch, float[] scores) {
    Tensor output = response.output(model.output());
    if (output.datatype() != DataType.FP32 || output.shape().elementCount() != batch.rows()) {
      throw ServingException.invalid(
          "output %s is %s %s (expected: one FP32 a window)"
              .formatted(output.name(), output.datatype(), output.shape()));
    }
    for (int row = 0; row < batch.rows(); row++) {
      float score = output.data().get(Tensor.FLOAT, (long) row * Float.BYTES);
      if (!Float.isFinite(score)) {
        throw ServingException.invalid(
            "score %s of window %d (expected: finite)".formatted(score, batch.first() + row));
      }
      scores[batch.first() + row] = score;
    }
  }

  private void fail(Batch batch, @Nullable Throwable error) {
    Throwable cause =
        error instanceof CompletionException e && e.getCause() != null ? e.getCause() : error;
    ErrorCode code = cause instanceof ServingException e ? e.code() : ErrorCode.INTERNAL;
    String reason = cause == null ? "no answer" : cause.getMessage();
    failure.compareAndSet(
        null,
        new ServingException(
            code, "model %s, %s: %s".formatted(model.id(), batch.describe(), reason), cause));
  }

  private void giveUp() {
    for (Slab slab : slabs) {
      CompletableFuture<InferenceResponse> answer = slab.answer;
      if (answer != null) {
        answer.cancel(false);
      }
    }
  }

  /** Takes every slab once, so that none is lent any more, and puts them back. */
  private void awaitAll() {
    long began = System.nanoTime();
    List<Slab> back = new ArrayList<>();
    boolean wasInterrupted = false;
    while (back.size() < slabs.size()) {
      try {
        back.add(free.take());
      } catch (InterruptedException _) {
        wasInterrupted = true;
      }
    }
    free.addAll(back);
    clock.waited(System.nanoTime() - began);
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwFailure() {
    if (failure.get() instanceof ServingException e) {
      throw e;
    }
  }

  private long rowBytes() {
    return 2L * settings.kernelSize() * Float.BYTES;
  }
}
