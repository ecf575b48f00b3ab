package org.etalon.analysis.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
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

/**
 * A model that doubles its input, and answers in an order of its own. Its inputs count up, so that
 * it knows which rows it is asked for.
 */
final class ShufflingService implements InferenceService {
  private record Pending(InferenceRequest request, CompletableFuture<InferenceResponse> answer) {}

  private final Random random;
  private final List<Pending> pending = new ArrayList<>();
  private final Thread answering;
  private long failFromRow = Long.MAX_VALUE;
  private long rowsSeen;
  private int mostInFlight;
  private boolean isClosed;

  ShufflingService(long seed) {
    this.random = new Random(seed);
    this.answering = Thread.ofPlatform().start(this::answerAll);
  }

  ShufflingService failingFromRow(long row) {
    failFromRow = row;
    return this;
  }

  synchronized long rowsSeen() {
    return rowsSeen;
  }

  synchronized int mostInFlight() {
    return mostInFlight;
  }

  @Override
  public ModelMetadata metadata(ModelId model) {
    return new ModelMetadata(
        "m",
        List.of(1L, 2L),
        "test",
        List.of(new TensorMetadata("x", DataType.FP32, List.of(-1L, 3L))),
        List.of(
            new TensorMetadata("y", DataType.FP32, List.of(-1L, 3L)),
            new TensorMetadata("sum", DataType.FP32, List.of(-1L))));
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
      try {
        next.answer().complete(answer(next.request()));
      } catch (ServingException e) {
        next.answer().completeExceptionally(e);
      }
    }
  }

  private synchronized @org.jspecify.annotations.Nullable Pending take() {
    try {
      while (pending.isEmpty() && !isClosed) {
        wait();
      }
    } catch (InterruptedException e) {
      return null;
    }
    return pending.isEmpty() ? null : pending.remove(random.nextInt(pending.size()));
  }

  private InferenceResponse answer(InferenceRequest request) {
    Tensor x = request.inputs().getFirst();
    float[] values = x.toFloats();
    long firstRow = (long) values[0] / 3;
    if (firstRow >= failFromRow) {
      throw ServingException.invalid("planned");
    }
    int rows = (int) x.shape().dim(0);
    synchronized (this) {
      rowsSeen += rows;
    }
    float[] doubled = new float[values.length];
    float[] sums = new float[rows];
    for (int i = 0; i < values.length; i++) {
      doubled[i] = 2 * values[i];
      sums[i / 3] += values[i];
    }
    List<Tensor> all =
        List.of(Tensor.of("y", x.shape(), doubled), Tensor.of("sum", Shape.of(rows), sums));
    List<Tensor> wanted =
        all.stream()
            .filter(
                tensor -> request.outputs().stream().anyMatch(o -> o.name().equals(tensor.name())))
            .toList();
    return InferenceResponse.of("m", 2, request.id(), wanted);
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    try {
      answering.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
