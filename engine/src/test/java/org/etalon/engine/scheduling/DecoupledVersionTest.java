package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.DecoupledRequest;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelTransactionPolicy;
import org.junit.jupiter.api.Test;

/** A decoupled model whose requests a test answers by hand. */
class DecoupledVersionTest {
  private final CompletableFuture<DecoupledRequest> taken = new CompletableFuture<>();
  private final AtomicInteger held = new AtomicInteger();

  private ServedVersion open() {
    ModelConfig config =
        ModelConfig.newBuilder()
            .setName("m")
            .addInput(
                ModelInput.newBuilder().setName("x").setDataType(DataType.TYPE_FP32).addDims(1))
            .addOutput(
                ModelOutput.newBuilder().setName("y").setDataType(DataType.TYPE_FP32).addDims(1))
            .setModelTransactionPolicy(ModelTransactionPolicy.newBuilder().setDecoupled(true))
            .build();
    return ServedVersion.open("m", 1, new Model(config), config, List.of(Device.CPU));
  }

  private static Answer ask(ServedVersion served, boolean isReady) {
    Answer answer = new Answer(isReady);
    answer.call =
        served.submit(
            InferenceRequest.of(ModelId.of("m"), Tensor.of("x", Shape.of(1), new float[] {1})),
            answer);
    return answer;
  }

  private void send(DecoupledRequest request, float value) {
    held.incrementAndGet();
    request.send(List.of(Tensor.of("y", Shape.of(1), new float[] {value})), held::decrementAndGet);
  }

  @Test
  void takesAnswersFromAnyThreadUntilTheModelSaysThatItIsDone() {
    try (ServedVersion served = open()) {
      Answer answer = ask(served, true);
      DecoupledRequest request = taken.join();
      send(request, 1);
      send(request, 2);
      assertThat(served.inFlight()).isEqualTo(1);
      request.finish();
      assertThat(answer.events).containsExactly("1.0", "2.0", "end");
      assertThat(served.inFlight()).isZero();
      send(request, 3);
      request.finish();
      assertThat(answer.events).hasSize(3);
      assertThat(held).hasValue(0);
    }
  }

  @Test
  void boundsWhatIsKeptForAnAskerThatDoesNotRead() {
    try (ServedVersion served = open()) {
      Answer answer = ask(served, false);
      DecoupledRequest request = taken.join();
      for (int i = 0; i < DecoupledRequest.MAX_UNSENT; i++) {
        assertThat(request.isReady()).isFalse();
        send(request, i);
      }
      assertThat(held).hasValue(DecoupledRequest.MAX_UNSENT);
      send(request, -1);
      assertThat(request.isCancelled()).isTrue();
      assertThat(held).hasValue(0);
      assertThat(answer.events).isEmpty(); // the inputs are still the model's
      request.finish();
      assertThat(answer.events).containsExactly("RESOURCE_EXHAUSTED");
    }
  }

  @Test
  void goesOnWhenTheAskerReadsAgain() {
    try (ServedVersion served = open()) {
      Answer answer = ask(served, false);
      DecoupledRequest request = taken.join();
      List<String> calls = new ArrayList<>();
      send(request, 1);
      request.onReady(() -> calls.add("ready"));
      assertThat(calls).isEmpty();
      answer.isReady = true;
      answer.call.resume();
      assertThat(answer.events).containsExactly("1.0");
      assertThat(calls).containsExactly("ready");
      request.finish();
    }
  }

  @Test
  void tellsTheModelThatTheAskerHasGivenUp() {
    try (ServedVersion served = open()) {
      Answer answer = ask(served, false);
      DecoupledRequest request = taken.join();
      send(request, 1);
      request.onCancel(request::finish);
      answer.call.cancel();
      assertThat(answer.events).containsExactly(ErrorCode.CANCELLED.name());
      assertThat(held).hasValue(0);
      assertThat(served.inFlight()).isZero();
    }
  }

  @Test
  void failsOnceWhateverTheModelSaysAfterwards() {
    try (ServedVersion served = open()) {
      Answer answer = ask(served, true);
      DecoupledRequest request = taken.join();
      request.onReady(() -> {
        throw new IllegalStateException("a bug");
      });
      request.fail(ServingException.invalid("late"));
      assertThat(answer.events).containsExactly("INTERNAL");
    }
  }

  private final class Model implements BackendModel, ModelInstance {
    private final ModelConfig config;

    Model(ModelConfig config) {
      this.config = config;
    }

    @Override
    public ModelConfig config() {
      return config;
    }

    @Override
    public boolean canBeDecoupled() {
      return true;
    }

    @Override
    public ModelInstance newInstance(Device device) {
      return this;
    }

    @Override
    public void execute(Batch batch) {
      throw new AssertionError("not batched");
    }

    @Override
    public void execute(List<DecoupledRequest> requests) {
      taken.complete(requests.getFirst());
    }

    @Override
    public void close() {}
  }

  private static final class Answer implements ResponseHandler {
    final List<String> events = new ArrayList<>();
    volatile boolean isReady;
    InferenceCall call = () -> {};

    Answer(boolean isReady) {
      this.isReady = isReady;
    }

    @Override
    public boolean isReady() {
      return isReady;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      try (response) {
        events.add(isLast ? "end" : String.valueOf(response.outputs().getFirst().toFloats()[0]));
      }
    }

    @Override
    public void onError(ServingException error) {
      events.add(error.code().name());
    }
  }
}
