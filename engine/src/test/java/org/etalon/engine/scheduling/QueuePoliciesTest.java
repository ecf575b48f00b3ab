package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.status.BatchReason;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelQueuePolicy;
import org.etalon.protocol.proto.ModelQueuePolicy.TimeoutAction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Priority levels and times allowed in the queue. */
class QueuePoliciesTest {
  private static final InputLayouts ROWS = new InputLayouts(List.of(Layout.Plain.ROWS), true);

  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void higherLevelsGoFirstAndShareABatchWithLowerOnes() {
    DynamicBatcher batcher = batcher(levels(3, 2));
    batcher.add(request("low", 3, 0, 0));
    batcher.add(request("standard", 0, 0, 1));
    batcher.add(request("beyond", 9, 0, 2));
    batcher.add(request("high", 1, 0, 3));
    assertThat(ids(batcher.poll(3))).containsExactly("high", "standard", "beyond", "low");
  }

  @Test
  void aPriorityIsWithoutMeaningWhereThereAreNoLevels() {
    DynamicBatcher batcher = batcher(ModelDynamicBatching.newBuilder());
    batcher.add(request("a", 9, 0, 0));
    batcher.add(request("b", 1, 0, 1));
    assertThat(ids(batcher.poll(1))).containsExactly("a", "b");
  }

  @Test
  void everyLevelHasItsOwnBound() {
    DynamicBatcher batcher =
        batcher(
            levels(2, 1)
                .setDefaultQueuePolicy(ModelQueuePolicy.newBuilder().setMaxQueueSize(3))
                .putPriorityQueuePolicy(
                    2, ModelQueuePolicy.newBuilder().setMaxQueueSize(1).build()));
    batcher.add(request("a", 1, 0, 0));
    batcher.add(request("b", 2, 0, 0));
    assertThat(batcher.isFull(request("c", 2, 0, 0))).isTrue();
    assertThat(batcher.isFull(request("c", 1, 0, 0))).isFalse();
  }

  @Test
  void aRequestThatWaitedTooLongIsTakenOutToBeRefused() {
    DynamicBatcher batcher = batcher(allowing(5, TimeoutAction.REJECT, false));
    batcher.add(request("a", 0, 1, 0));
    batcher.add(request("b", 0, 0, 2 * MS));
    assertThat(batcher.expiryNanos()).as("its own time does not count").isEqualTo(5 * MS);
    assertThat(batcher.expire(5 * MS - 1)).isEmpty();
    assertThat(ids(batcher.expire(5 * MS))).containsExactly("a");
    assertThat(batcher.expiryNanos()).isEqualTo(7 * MS);
    assertThat(ids(batcher.poll(5 * MS))).containsExactly("b");
    assertThat(batcher.expiryNanos()).isEqualTo(Expiries.NEVER);
  }

  @Test
  void aRequestMayAskForLessTimeThanTheDefaultButNotForMore() {
    DynamicBatcher batcher = batcher(allowing(5, TimeoutAction.REJECT, true));
    batcher.add(request("less", 0, 1, 0));
    batcher.add(request("more", 0, 100, 0));
    assertThat(ids(batcher.expire(MS))).containsExactly("less");
    assertThat(ids(batcher.expire(5 * MS))).containsExactly("more");
  }

  @Test
  void aTimeBeyondAllClocksIsForEver() {
    DynamicBatcher batcher = batcher(allowing(0, TimeoutAction.REJECT, true));
    Tensor x = Tensor.of("x", Shape.of(1, 1), new float[1]);
    InferenceRequest request =
        InferenceRequest.to(ModelId.of("m"))
            .input(x)
            .queueTimeout(Duration.ofSeconds(Long.MAX_VALUE / 1_000_000))
            .build();
    batcher.add(
        new PendingRequest(request, new NoAnswer(), new Tensor[] {x}, new int[0], 1, 0, ROWS));
    assertThat(batcher.expiryNanos()).isEqualTo(Expiries.NEVER);
  }

  @Test
  void aDelayedRequestGoesBehindTheOthersOfItsLevelAndExpiresNoMore() {
    DynamicBatcher batcher =
        batcher(levels(2, 1).setDefaultQueuePolicy(policy(5, TimeoutAction.DELAY, false)));
    batcher.add(request("late", 1, 0, 0));
    batcher.add(request("intime", 1, 0, 4 * MS));
    batcher.add(request("low", 2, 0, 4 * MS));
    assertThat(batcher.expire(5 * MS)).isEmpty();
    assertThat(batcher.size()).isEqualTo(3);
    assertThat(ids(batcher.poll(5 * MS))).containsExactly("intime", "late", "low");
    assertThat(batcher.expire(100 * MS)).isEmpty();
  }

  @Test
  void aBatchIsNotKeptOpenBeyondHalfOfTheTimeThatARequestInItIsAllowed() {
    DynamicBatcher batcher =
        batcher(allowing(0, TimeoutAction.REJECT, true).setMaxQueueDelayMicroseconds(50_000));
    batcher.add(request("patient", 0, 0, 0));
    batcher.add(request("pressed", 0, 10, MS));
    assertThat(batcher.dueNanos()).hasValue(6 * MS);
    assertThat(batcher.poll(6 * MS - 1)).isEmpty();
    assertThat(ids(batcher.poll(6 * MS))).containsExactly("patient", "pressed");
    assertThat(batcher.reason()).isEqualTo(BatchReason.DELAY);
  }

  @Test
  void everyReasonToCloseABatchIsTold() {
    DynamicBatcher batcher =
        batcher(
            ModelDynamicBatching.newBuilder()
                .addPreferredBatchSize(2)
                .setMaxQueueDelayMicroseconds(1000));
    batcher.add(request("a", 0, 0, 0));
    batcher.add(request("b", 0, 0, 0));
    assertThat(batcher.poll(0)).hasSize(2);
    assertThat(batcher.reason()).isEqualTo(BatchReason.PREFERRED);
    for (int i = 0; i < 8; i++) {
      batcher.add(request("r" + i, 0, 0, 0));
    }
    assertThat(batcher.poll(0)).hasSize(8);
    assertThat(batcher.reason()).isEqualTo(BatchReason.FULL);
    batcher.add(request("c", 0, 0, 0));
    assertThat(batcher.poll(MS)).hasSize(1);
    assertThat(batcher.reason()).isEqualTo(BatchReason.DELAY);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyRequestIsSentRefusedOrTakenBackAndNothingIsLeft(long seed) {
    Random random = new Random(seed);
    DynamicBatcher batcher =
        batcher(
            levels(3, 2)
                .setMaxQueueDelayMicroseconds(random.nextInt(2) * 2000L)
                .setDefaultQueuePolicy(policy(4, TimeoutAction.REJECT, true))
                .putPriorityQueuePolicy(3, policy(2, TimeoutAction.DELAY, true)));
    List<PendingRequest> waiting = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 3000; i++) {
      now += random.nextLong(MS);
      PendingRequest request = request("r" + i, random.nextInt(5), random.nextInt(6), now);
      batcher.add(request);
      waiting.add(request);
      if (random.nextInt(4) == 0) {
        PendingRequest other = waiting.get(random.nextInt(waiting.size()));
        assertThat(batcher.remove(other)).isTrue();
        assertThat(batcher.remove(other)).isFalse();
        waiting.remove(other);
      }
      List<PendingRequest> refused = batcher.expire(now);
      assertThat(waiting).containsAll(refused);
      waiting.removeAll(refused);
      if (random.nextBoolean()) {
        List<PendingRequest> batch = batcher.poll(now);
        assertThat(batch.size()).isLessThanOrEqualTo(8);
        assertThat(waiting).containsAll(batch);
        waiting.removeAll(batch);
      }
      assertThat(batcher.size()).isEqualTo(waiting.size());
    }
    assertThat(batcher.removeAll()).containsExactlyInAnyOrderElementsOf(waiting);
    assertThat(batcher.size()).isZero();
    assertThat(batcher.expiryNanos()).isEqualTo(Expiries.NEVER);
  }

  private static ModelDynamicBatching.Builder levels(int count, int standard) {
    return ModelDynamicBatching.newBuilder()
        .setPriorityLevels(count)
        .setDefaultPriorityLevel(standard);
  }

  private static ModelDynamicBatching.Builder allowing(
      int millis, TimeoutAction action, boolean allowsOverride) {
    return ModelDynamicBatching.newBuilder()
        .setDefaultQueuePolicy(policy(millis, action, allowsOverride));
  }

  private static ModelQueuePolicy policy(int millis, TimeoutAction action, boolean allowsOverride) {
    return ModelQueuePolicy.newBuilder()
        .setDefaultTimeoutMicroseconds(millis * 1000L)
        .setTimeoutAction(action)
        .setAllowTimeoutOverride(allowsOverride)
        .build();
  }

  private static DynamicBatcher batcher(ModelDynamicBatching.Builder batching) {
    return new DynamicBatcher(
        BatchingPolicy.of(
            ModelConfig.newBuilder().setMaxBatchSize(8).setDynamicBatching(batching).build()));
  }

  private static List<String> ids(List<PendingRequest> requests) {
    return requests.stream().map(request -> request.request().id().orElseThrow()).toList();
  }

  /** A priority or time of 0 is none. */
  private static PendingRequest request(String id, int priority, int millis, long arrivalNanos) {
    Tensor x = Tensor.of("x", Shape.of(1, 1), new float[1]);
    InferenceRequest.Builder request = InferenceRequest.to(ModelId.of("m")).id(id).input(x);
    if (priority > 0) {
      request.priority(priority);
    }
    if (millis > 0) {
      request.queueTimeout(Duration.ofMillis(millis));
    }
    return new PendingRequest(
        request.build(), new NoAnswer(), new Tensor[] {x}, new int[0], 1, arrivalNanos, ROWS);
  }

  private record NoAnswer() implements ResponseHandler {
    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      throw new AssertionError("a batcher answers nothing");
    }

    @Override
    public void onError(ServingException error) {
      throw error;
    }
  }
}
