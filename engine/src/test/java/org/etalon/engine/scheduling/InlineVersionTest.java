package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.etalon.protocol.proto.ModelSequenceBatching.Control;
import org.junit.jupiter.api.Test;

/** A model that adds up what it was given, run by the threads that ask. */
class InlineVersionTest {
  private static final long MINUTE_MICROSECONDS = 60_000_000;

  private final Summing model = new Summing();

  private ServedVersion open(long idleMicroseconds) {
    ModelSequenceBatching batching =
        ModelSequenceBatching.newBuilder()
            .setMaxSequenceIdleMicroseconds(idleMicroseconds)
            .addControlInput(
                ModelSequenceBatching.ControlInput.newBuilder()
                    .setName("end")
                    .addControl(
                        Control.newBuilder()
                            .setKind(Control.Kind.CONTROL_SEQUENCE_END)
                            .addFp32FalseTrue(0)
                            .addFp32FalseTrue(1000)))
            .build();
    return open(model.config.toBuilder().setSequenceBatching(batching).build());
  }

  private ServedVersion open(ModelConfig config) {
    return ServedVersion.open(
        "sum",
        1,
        model,
        config,
        List.of(Device.CPU),
        SequenceConfig.tensors(config, Map.of()),
        Map.of(),
        SharedServices.standard());
  }

  private static InferenceRequest request(long id, float x, boolean isStart, boolean isEnd) {
    return InferenceRequest.to(ModelId.of("sum"))
        .input(Tensor.of("x", Shape.of(1), new float[] {x}))
        .sequence(new Sequence(new Sequence.Id.Number(id), isStart, isEnd))
        .build();
  }

  private static Answer ask(
      ServedVersion served, long id, float x, boolean isStart, boolean isEnd) {
    Answer answer = new Answer();
    answer.call = served.submit(request(id, x, isStart, isEnd), answer);
    return answer;
  }

  @Test
  void runsOnTheThreadThatAsks() {
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      Answer answer = ask(served, 7, 1, true, false);
      assertThat(answer.value).isDone();
      assertThat(answer.thread).isSameAs(Thread.currentThread());
    }
  }

  @Test
  void keepsTheStateOfEachSequenceInAnInstanceOfItsOwn() {
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      assertThat(ask(served, 1, 1, true, false).value()).isEqualTo(1);
      assertThat(ask(served, 2, 10, true, false).value()).isEqualTo(10);
      assertThat(ask(served, 1, 2, false, false).value()).isEqualTo(3);
      assertThat(ask(served, 2, 20, false, true).value()).isEqualTo(1030);
      assertThat(model.instances).hasValue(1);
      assertThat(ask(served, 1, 5, true, false).value()).isEqualTo(5);
      assertThat(model.instances).hasValue(1);
      var statistics = served.statistics();
      assertThat(statistics.success().count()).isEqualTo(5);
      assertThat(served.instances()).hasSize(1);
    }
    assertThat(model.instances).hasValue(0);
    assertThat(model.isClosed).isTrue();
  }

  @Test
  void refusesARequestOfASequenceThatIsNotUnderWay() {
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      assertThatThrownBy(() -> ask(served, 1, 1, false, false).value())
          .hasMessageContaining("must specify the START flag");
      assertThat(ask(served, 1, 1, true, true).value()).isEqualTo(1001);
      assertThatThrownBy(() -> ask(served, 1, 1, false, false).value())
          .hasMessageContaining("must specify the START flag");
      assertThat(served.inFlight()).isZero();
    }
  }

  @Test
  void closesTheInstanceOfASequenceWhoseLastRequestIsRefused() {
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      assertThat(ask(served, 1, 1, true, false).value()).isEqualTo(1);
      InferenceRequest wrong =
          InferenceRequest.to(ModelId.of("sum"))
              .sequence(new Sequence(new Sequence.Id.Number(1), false, true))
              .build();
      var _ = served.submit(wrong, new Answer());
      assertThat(model.instances).hasValue(0);
      assertThatThrownBy(() -> ask(served, 1, 1, false, false).value())
          .hasMessageContaining("must specify the START flag");
    }
  }

  @Test
  void leavesARequestToTheThreadThatRunsItsSequence() throws InterruptedException {
    model.held = new CountDownLatch(1);
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      CompletableFuture<Answer> first = new CompletableFuture<>();
      Thread runner =
          Thread.ofPlatform().start(() -> first.complete(ask(served, 1, 1, true, false)));
      model.entered.await();
      Answer second = ask(served, 1, 2, false, false);
      Answer cancelled = ask(served, 1, 100, false, false);
      Answer third = ask(served, 1, 4, false, false);
      assertThat(second.value).isNotDone();
      assertThat(served.statistics().pendingRequests()).isEqualTo(3);
      cancelled.call.cancel();
      assertThatThrownBy(cancelled::value).hasMessageContaining("cancelled");
      model.held.countDown();
      assertThat(first.join().value()).isEqualTo(1);
      assertThat(second.value()).isEqualTo(3);
      assertThat(third.value()).isEqualTo(7);
      assertThat(third.thread).isSameAs(runner);
      runner.join();
      assertThat(served.statistics().failure(FailureReason.CANCELED).count()).isEqualTo(1);
    }
  }

  @Test
  void runsRequestsThatAnAnswerBringsInTheirOrder() {
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      List<Float> sums = new ArrayList<>();
      ResponseHandler last = new Collector(sums, () -> {});
      ResponseHandler again =
          new Collector(
              sums,
              () -> {
                var _ = served.submit(request(1, 10, false, false), last);
                var _ = served.submit(request(1, 100, false, true), last);
              });
      var _ = served.submit(request(1, 1, true, false), again);
      assertThat(sums).containsExactly(1f, 11f, 1111f);
    }
    assertThat(model.instances).hasValue(0);
  }

  @Test
  void tellsTheInstanceOfASequenceThatSendsNothingForTooLong() {
    try (ServedVersion served = open(1)) {
      assertThat(ask(served, 9, 1, true, false).value()).isEqualTo(1);
      assertThat(model.dropped.join()).isEqualTo(new Sequence.Id.Number(9));
    }
    assertThat(model.instances).hasValue(0);
  }

  @Test
  void answersForAnInstanceThatCannotBeMade() {
    try (ServedVersion served = open(MINUTE_MICROSECONDS)) {
      model.isBroken = true;
      assertThatThrownBy(() -> ask(served, 1, 1, true, false).value())
          .hasMessageContaining("out of order");
      model.isBroken = false;
      assertThatThrownBy(() -> ask(served, 1, 1, false, false).value())
          .hasMessageContaining("START");
      assertThat(ask(served, 1, 1, true, false).value()).isEqualTo(1);
    }
  }

  @Test
  void failsWhatStillWaitsWhenItIsClosed() throws InterruptedException {
    model.held = new CountDownLatch(1);
    ServedVersion served = open(MINUTE_MICROSECONDS);
    Thread runner = Thread.ofPlatform().start(() -> ask(served, 1, 1, true, false));
    model.entered.await();
    Answer second = ask(served, 1, 2, false, false);
    Thread closer = Thread.ofPlatform().start(served::close);
    assertThatThrownBy(second::value).hasMessageContaining("is being unloaded");
    model.held.countDown();
    runner.join();
    closer.join();
    assertThat(model.instances).hasValue(0);
    assertThat(model.isClosed).isTrue();
  }

  @Test
  void aModelWithoutSequencesGetsAsManyInstancesAsThreadsMeetInIt() throws InterruptedException {
    model.held = new CountDownLatch(1);
    try (ServedVersion served = open(model.config)) {
      Thread runner = Thread.ofPlatform().start(() -> ask(served, 1, 1, true, false));
      model.entered.await();
      model.held.countDown();
      runner.join();
      assertThat(ask(served, 1, 1, true, false).value()).isEqualTo(2);
      assertThat(model.instances).hasValue(1);
    }
    assertThat(model.instances).hasValue(0);
  }

  /** Sums the first elements of all it is given since it was made. */
  private static final class Summing implements BackendModel {
    final ModelConfig config =
        ModelConfig.newBuilder()
            .setName("sum")
            .addInput(
                ModelInput.newBuilder().setName("x").setDataType(DataType.TYPE_FP32).addDims(1))
            .addOutput(
                ModelOutput.newBuilder().setName("y").setDataType(DataType.TYPE_FP32).addDims(1))
            .build();
    final AtomicInteger instances = new AtomicInteger();
    final CompletableFuture<Sequence.Id> dropped = new CompletableFuture<>();
    final CountDownLatch entered = new CountDownLatch(1);
    volatile CountDownLatch held = new CountDownLatch(0);
    volatile boolean isBroken;
    volatile boolean isClosed;

    @Override
    public ModelConfig config() {
      return config;
    }

    @Override
    public boolean runsInline() {
      return true;
    }

    @Override
    public ModelInstance newInstance(Device device) {
      if (isBroken) {
        throw ServingException.invalid("out of order");
      }
      instances.incrementAndGet();
      return new Sum();
    }

    @Override
    public void close() {
      isClosed = true;
    }

    private final class Sum implements ModelInstance {
      private float sum;

      @Override
      public void execute(Batch batch) {
        entered.countDown();
        try {
          held.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        sum += batch.inputs().getFirst().toFloats()[0];
        float end = batch.inputs().size() > 1 ? batch.inputs().get(1).toFloats()[0] : 0;
        batch
            .allocate(0, org.etalon.inference.DataType.FP32, Shape.of(1))
            .set(Tensor.FLOAT, 0, sum + end);
      }

      @Override
      public void sequenceDropped(Sequence.Id id) {
        dropped.complete(id);
      }

      @Override
      public void close() {
        instances.decrementAndGet();
      }
    }
  }

  private record Collector(List<Float> sums, Runnable then) implements ResponseHandler {
    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      try (response) {
        sums.add(response.output("y").toFloats()[0]);
      }
      then.run();
    }

    @Override
    public void onError(ServingException error) {
      throw error;
    }
  }

  private static final class Answer implements ResponseHandler {
    final CompletableFuture<Float> value = new CompletableFuture<>();
    volatile Thread thread = Thread.currentThread();
    InferenceCall call = () -> {};

    float value() {
      try {
        return value.join();
      } catch (CompletionException e) {
        throw (ServingException) e.getCause();
      }
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      thread = Thread.currentThread();
      try (response) {
        value.complete(response.output("y").toFloats()[0]);
      }
    }

    @Override
    public void onError(ServingException error) {
      value.completeExceptionally(error);
    }
  }
}
