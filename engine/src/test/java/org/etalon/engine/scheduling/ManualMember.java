package org.etalon.engine.scheduling;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.ModelConfig;

/** A version that answers when and how a test says. Owned by the test's thread. */
final class ManualMember implements ServedVersion {
  private final ModelConfig config;
  private final ModelShape shape;
  final List<Asked> asked = new ArrayList<>();
  final List<Sequence.Id> givenUp = new ArrayList<>();

  /** Responses that were given and not closed. */
  final AtomicInteger openResponses = new AtomicInteger();

  ManualMember(ModelConfig config) {
    this.config = config;
    this.shape = ModelShape.of(config);
  }

  /** A request, its handler, and whether it was given up. */
  final class Asked {
    final InferenceRequest request;
    final ResponseHandler handler;
    boolean isCancelled;

    /** How often it was told that its answers are taken again. */
    int resumed;

    private Asked(InferenceRequest request, ResponseHandler handler) {
      this.request = request;
      this.handler = handler;
    }

    /** Gives every output asked for that value. */
    void answer(float value) {
      give(value, true);
    }

    /** The same as one answer of several. */
    void send(float value) {
      give(value, false);
    }

    /** No more follow. */
    void finish() {
      handler.onResponse(InferenceResponse.of(name(), 1, Optional.empty(), List.of()), true);
    }

    private void give(float value, boolean isLast) {
      openResponses.incrementAndGet();
      List<Tensor> outputs =
          request.outputs().stream()
              .map(output -> Tensor.of(output.name(), Shape.of(1, 1), new float[] {value}))
              .toList();
      handler.onResponse(
          new InferenceResponse(
              name(), 1, Optional.empty(), outputs, Map.of(), openResponses::decrementAndGet),
          isLast);
    }

    void fail(String text) {
      handler.onError(new ServingException(ErrorCode.INTERNAL, text));
    }

    float input(String name) {
      return request.inputs().stream()
          .filter(tensor -> tensor.name().equals(name))
          .findFirst()
          .orElseThrow()
          .toFloats()[0];
    }
  }

  @Override
  public InferenceCall submit(InferenceRequest request, ResponseHandler handler) {
    Asked one = new Asked(request, handler);
    asked.add(one);
    return new InferenceCall() {
      @Override
      public void cancel() {
        one.isCancelled = true;
      }

      @Override
      public void resume() {
        one.resumed++;
      }
    };
  }

  @Override
  public void giveUp(Sequence.Id sequence) {
    givenUp.add(sequence);
  }

  @Override
  public String name() {
    return config.getName();
  }

  @Override
  public long version() {
    return 1;
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public List<TensorMetadata> inputs() {
    return shape.inputs().stream().map(TensorSpec::metadata).toList();
  }

  @Override
  public List<TensorMetadata> outputs() {
    return shape.outputs().stream().map(TensorSpec::metadata).toList();
  }

  @Override
  public List<String> labels(String output) {
    return List.of();
  }

  @Override
  public void loadedIn(Duration time) {}

  @Override
  public ModelStatistics statistics() {
    return new VersionStatistics().snapshot(name(), 1, 0, false);
  }

  @Override
  public List<InstanceStatus> instances() {
    return List.of();
  }

  @Override
  public int inFlight() {
    return asked.size();
  }

  @Override
  public CompletableFuture<Void> drain() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
