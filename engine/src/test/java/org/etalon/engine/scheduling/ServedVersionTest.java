package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.BytesElements;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelQueuePolicy;
import org.junit.jupiter.api.Test;

class ServedVersionTest {
  @Test
  void everyRequestGetsTheRowsItAskedWith() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(8, 64, 1), gate)) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Answer answer = new Answer();
        var _ = served.submit(request(i, 1 + i % 3), answer);
        answers.add(answer);
      }
      gate.open();
      for (int i = 0; i < 20; i++) {
        try (InferenceResponse response = answers.get(i).await()) {
          float[] expected = new float[(1 + i % 3) * 2];
          for (int j = 0; j < expected.length; j++) {
            expected[j] = 2 * (i * 100 + j);
          }
          assertThat(response.output("y").toFloats()).containsExactly(expected);
        }
      }
      assertThat(gate.largestBatch.get()).isBetween(2, 8);
      var statistics = served.statistics();
      assertThat(statistics.inferenceCount()).isEqualTo(39);
      assertThat(statistics.success().count()).isEqualTo(20);
      assertThat(statistics.executionCount()).isLessThan(20);
      assertThat(statistics.lastInferenceMillis()).isPresent();
    }
    assertThat(gate.isClosed).isTrue();
    assertThat(gate.openInstances).hasValue(0);
  }

  @Test
  void oneBadRequestFailsNobodyElseInItsBatch() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(8, 64, 1), gate)) {
      Answer good = new Answer();
      Answer bad = new Answer();
      Answer alsoGood = new Answer();
      var _ = served.submit(request(1, 1), new Answer());
      gate.awaitBatch();
      var _ = served.submit(request(2, 1), good);
      var _ = served.submit(request(Gate.POISON, 1), bad);
      var _ = served.submit(request(3, 1), alsoGood);
      gate.open();
      good.await().close();
      alsoGood.await().close();
      assertThatThrownBy(bad::await)
          .hasCauseInstanceOf(ServingException.class)
          .hasMessageContaining("poison");
      assertThat(served.statistics().failure(FailureReason.BACKEND).count()).isEqualTo(1);
    }
  }

  @Test
  void anInstanceThatThrowsAnythingFailsTheRequestAndServesOn() {
    Gate gate = new Gate();
    gate.open();
    try (ServedVersion served = open(config(8, 64, 1), gate)) {
      Answer broken = new Answer();
      var _ = served.submit(request(Gate.BROKEN, 1), broken);
      assertThatThrownBy(broken::await).hasMessageContaining("index out of step");
      Answer next = new Answer();
      var _ = served.submit(request(1, 1), next);
      next.await().close();
    }
  }

  @Test
  void rejectsAtOnceWhenTheQueueIsFull() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(1, 2, 1), gate)) {
      var _ = served.submit(request(0, 1), new Answer());
      gate.awaitBatch();
      var _ = served.submit(request(1, 1), new Answer());
      var _ = served.submit(request(2, 1), new Answer());
      Answer rejected = new Answer();
      var _ = served.submit(request(3, 1), rejected);
      assertThat(rejected.error().code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
      assertThat(rejected.error()).hasMessage("Exceeds maximum queue size");
      assertThat(served.statistics().failure(FailureReason.REJECTED).count()).isEqualTo(1);
      assertThat(served.statistics().pendingRequests()).isEqualTo(2);
      gate.open();
    }
  }

  @Test
  void refusesWhatHasWaitedTooLongWhileEveryInstanceIsBusy() {
    Gate gate = new Gate();
    ModelConfig.Builder config = config(1, 8, 1).toBuilder();
    config.getDynamicBatchingBuilder().getDefaultQueuePolicyBuilder().setAllowTimeoutOverride(true);
    try (ServedVersion served = open(config.build(), gate)) {
      var _ = served.submit(request(0, 1), new Answer());
      gate.awaitBatch();
      Answer hasty = new Answer();
      Answer patient = new Answer();
      var _ = served.submit(request(1, 1), patient);
      InferenceRequest like = request(2, 1);
      var _ =
          served.submit(
              InferenceRequest.to(like.model())
                  .inputs(like.inputs())
                  .queueTimeout(Duration.ofNanos(60_000))
                  .build(),
              hasty);
      assertThatThrownBy(hasty::await).hasMessageContaining("Request timeout expired");
      assertThat(hasty.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(served.statistics().failure(FailureReason.REJECTED).count()).isEqualTo(1);
      assertThat(served.statistics().pendingRequests()).isEqualTo(1);
      gate.open();
      patient.await().close();
    }
  }

  @Test
  void answersTheSameRequestFromTheCacheAndOthersNot() {
    Gate gate = new Gate();
    gate.open();
    ModelConfig.Builder config = config(8, 8, 1).toBuilder();
    config.getResponseCacheBuilder().setEnable(true);
    SharedServices shared = SharedServices.of(1 << 20, Optional.empty());
    try (ServedVersion served = open(config.build(), gate, shared)) {
      assertThat(doubled(served, 7)).containsExactly(1400, 1402);
      assertThat(doubled(served, 7)).containsExactly(1400, 1402);
      assertThat(doubled(served, 8)).containsExactly(1600, 1602);
      Answer broken = new Answer();
      var _ = served.submit(request(Gate.BROKEN, 1), broken);
      assertThatThrownBy(broken::await).hasMessageContaining("index out of step");
      var statistics = served.statistics();
      var use = statistics.cache().orElseThrow();
      assertThat(use.hits().count()).isEqualTo(1);
      assertThat(use.misses().count()).isEqualTo(3);
      assertThat(statistics.success().count()).isEqualTo(3);
      assertThat(statistics.queue().count()).as("of those that an instance ran").isEqualTo(2);
      assertThat(statistics.inferenceCount()).isEqualTo(2);
      assertThat(served.inFlight()).isZero();
    }
    assertThat(shared.cache().orElseThrow().bytes()).isZero();
  }

  private static float[] doubled(ServedVersion served, int first) {
    Answer answer = new Answer();
    var _ = served.submit(request(first, 1), answer);
    try (InferenceResponse response = answer.await()) {
      return response.output("y").toFloats();
    }
  }

  @Test
  void aCancelledRequestLeavesTheQueueAndIsTold() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(1, 8, 1), gate)) {
      var _ = served.submit(request(0, 1), new Answer());
      gate.awaitBatch();
      Answer waiting = new Answer();
      InferenceCall call = served.submit(request(1, 1), waiting);
      call.cancel();
      call.cancel();
      assertThat(waiting.error().code()).isEqualTo(ErrorCode.CANCELLED);
      assertThat(served.inFlight()).isEqualTo(1);
      gate.open();
    }
  }

  @Test
  void drainingEndsWithTheLastAnswerAndTakesNothingNew() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(1, 8, 1), gate)) {
      Answer last = new Answer();
      var _ = served.submit(request(0, 1), last);
      gate.awaitBatch();
      CompletableFuture<Void> drained = served.drain();
      assertThat(drained).isNotDone();
      Answer late = new Answer();
      var _ = served.submit(request(1, 1), late);
      assertThat(late.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
      gate.open();
      last.await().close();
      drained.join();
    }
  }

  @Test
  void closingFailsWhatStillWaits() {
    Gate gate = new Gate();
    ServedVersion served = open(config(1, 8, 1), gate);
    Answer running = new Answer();
    var _ = served.submit(request(0, 1), running);
    gate.awaitBatch();
    Answer waiting = new Answer();
    var _ = served.submit(request(1, 1), waiting);
    Thread closing = Thread.ofPlatform().start(served::close);
    assertThatThrownBy(waiting::await).hasMessageContaining("is being unloaded");
    gate.open();
    running.await().close();
    join(closing);
    assertThat(gate.isClosed).isTrue();
  }

  @Test
  void instancesRunSideBySide() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(1, 8, 3), gate)) {
      for (int i = 0; i < 3; i++) {
        var _ = served.submit(request(i, 1), new Answer());
      }
      for (int i = 0; i < 3; i++) {
        gate.awaitBatch();
      }
      assertThat(gate.openInstances).hasValue(3);
      assertThat(served.instances())
          .hasSize(3)
          .allSatisfy(instance -> assertThat(instance.device()).isEqualTo(Device.CPU));
      gate.open();
    }
    assertThat(gate.openInstances).hasValue(0);
  }

  @Test
  void refusesADeviceThatIsNotThereAndClosesTheModel() {
    Gate gate = new Gate();
    ModelConfig config =
        config(1, 8, 1).toBuilder()
            .clearInstanceGroup()
            .addInstanceGroup(
                ModelInstanceGroup.newBuilder()
                    .setName("m_0")
                    .setKind(ModelInstanceGroup.Kind.KIND_GPU)
                    .addGpus(3))
            .build();
    assertThatThrownBy(() -> open(config, gate))
        .hasMessage("model 'm': instance_group 'm_0' asks for cuda:3, but there is only [cpu]");
    assertThat(gate.isClosed).isTrue();
  }

  @Test
  void givesOnlyTheOutputsAskedForInTheOrderAskedFor() {
    Gate gate = new Gate();
    gate.open();
    try (ServedVersion served = open(config(8, 8, 1), gate)) {
      Answer answer = new Answer();
      InferenceRequest request =
          InferenceRequest.to(ModelId.of("m"))
              .input(Tensor.of("x", Shape.of(1, 2), new float[] {1, 2}))
              .output(RequestedOutput.of("label"))
              .build();
      var _ = served.submit(request, answer);
      try (InferenceResponse response = answer.await()) {
        assertThat(response.outputs()).extracting(Tensor::name).containsExactly("label");
        assertThat(labels(response)).containsExactly("row of 1.0");
      }
    }
  }

  @Test
  void textRowsOfDifferentLengthReachTheirRequests() {
    Gate gate = new Gate();
    try (ServedVersion served = open(config(8, 64, 1), gate)) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        Answer answer = new Answer();
        var _ = served.submit(request((int) Math.pow(7, i % 4), 1 + i % 2), answer);
        answers.add(answer);
      }
      gate.open();
      for (int i = 0; i < 9; i++) {
        try (InferenceResponse response = answers.get(i).await()) {
          int first = (int) Math.pow(7, i % 4) * 100;
          List<String> expected = new ArrayList<>();
          for (int row = 0; row < 1 + i % 2; row++) {
            expected.add("row of " + (float) (first + 2 * row));
          }
          assertThat(labels(response)).isEqualTo(expected);
        }
      }
    }
  }

  private static List<String> labels(InferenceResponse response) {
    return BytesElements.decode(response.output("label").data()).stream()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .toList();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static ServedVersion open(ModelConfig config, Gate gate) {
    return open(config, gate, SharedServices.standard());
  }

  private static ServedVersion open(ModelConfig config, Gate gate, SharedServices shared) {
    return ServedVersion.open(
        "m",
        1,
        gate.model(config),
        config,
        List.of(Device.CPU),
        SequenceTensors.none(),
        Map.of(),
        shared);
  }

  private static ModelConfig config(int maxBatchSize, int maxQueueSize, int instances) {
    return ModelConfig.newBuilder()
        .setName("m")
        .setMaxBatchSize(maxBatchSize)
        .addInput(ModelInput.newBuilder().setName("x").setDataType(DataType.TYPE_FP32).addDims(2))
        .addOutput(ModelOutput.newBuilder().setName("y").setDataType(DataType.TYPE_FP32).addDims(2))
        .addOutput(
            ModelOutput.newBuilder().setName("label").setDataType(DataType.TYPE_STRING).addDims(1))
        .setDynamicBatching(
            ModelDynamicBatching.newBuilder()
                .setDefaultQueuePolicy(ModelQueuePolicy.newBuilder().setMaxQueueSize(maxQueueSize)))
        .addInstanceGroup(
            ModelInstanceGroup.newBuilder()
                .setKind(ModelInstanceGroup.Kind.KIND_CPU)
                .setCount(instances))
        .build();
  }

  private static InferenceRequest request(int first, int rows) {
    float[] values = new float[rows * 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = first * 100 + i;
    }
    return InferenceRequest.of(ModelId.of("m"), Tensor.of("x", Shape.of(rows, 2), values));
  }

  /** Waits for a request's one answer. */
  private static final class Answer implements ResponseHandler {
    private final CompletableFuture<InferenceResponse> future = new CompletableFuture<>();

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      future.complete(response);
    }

    @Override
    public void onError(ServingException error) {
      future.completeExceptionally(error);
    }

    InferenceResponse await() {
      return future.join();
    }

    ServingException error() {
      assertThat(future).isDone();
      try {
        future.join().close();
      } catch (CompletionException e) {
        if (e.getCause() instanceof ServingException error) {
          return error;
        }
      }
      throw new AssertionError("answered without an error");
    }
  }

  /** A model that doubles its input, one batch at a time until the gate is opened. */
  private static final class Gate {
    static final int POISON = 12345;
    static final int BROKEN = 54321;

    private final CountDownLatch opened = new CountDownLatch(1);
    private final Semaphore batches = new Semaphore(0);
    private final AtomicInteger largestBatch = new AtomicInteger();
    private final AtomicInteger openInstances = new AtomicInteger();
    private final AtomicBoolean isClosed = new AtomicBoolean();

    void open() {
      opened.countDown();
    }

    /** Waits until one more batch has reached an instance. */
    void awaitBatch() {
      batches.acquireUninterruptibly();
    }

    BackendModel model(ModelConfig config) {
      return new BackendModel() {
        @Override
        public ModelConfig config() {
          return config;
        }

        @Override
        public ModelInstance newInstance(Device device) {
          openInstances.incrementAndGet();
          return new Doubler(Gate.this);
        }

        @Override
        public void close() {
          isClosed.set(true);
        }
      };
    }
  }

  private record Doubler(Gate gate) implements ModelInstance {
    @Override
    public void execute(Batch batch) {
      gate.batches.release();
      try {
        gate.opened.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      gate.largestBatch.accumulateAndGet(batch.rows(), Math::max);
      float[] values = batch.inputs().getFirst().toFloats();
      refuse(values);
      if (batch.isRequested(0)) {
        MemorySegment y =
            batch.allocate(0, org.etalon.inference.DataType.FP32, Shape.of(batch.rows(), 2));
        for (int i = 0; i < values.length; i++) {
          y.setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i, 2 * values[i]);
        }
      }
      if (batch.isRequested(1)) {
        List<String> labels = new ArrayList<>();
        for (int row = 0; row < batch.rows(); row++) {
          labels.add("row of " + values[2 * row]);
        }
        batch.handOver(1, Tensor.ofStrings("any", Shape.of(batch.rows(), 1), labels), () -> {});
      }
    }

    private static void refuse(float[] values) {
      for (float value : values) {
        if (value == Gate.POISON * 100) {
          throw ServingException.invalid("poison");
        }
        if (value == Gate.BROKEN * 100) {
          throw new IndexOutOfBoundsException("index out of step");
        }
      }
    }

    @Override
    public void close() {
      gate.openInstances.decrementAndGet();
    }
  }
}
