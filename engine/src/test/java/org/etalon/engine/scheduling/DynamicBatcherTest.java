package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelQueuePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicBatcherTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void sendsAPartialBatchOnceTheOldestRequestHasWaitedMaxQueueDelay() {
    DynamicBatcher batcher = batcher(8, 5);
    batcher.add(request("a", 1, 0));
    batcher.add(request("b", 1, 4 * MS));
    assertThat(ids(batcher.poll(4 * MS))).isEmpty();
    assertThat(batcher.dueNanos()).hasValue(5 * MS);
    assertThat(ids(batcher.poll(5 * MS))).containsExactly("a", "b");
    assertThat(batcher.size()).isZero();
  }

  @Test
  void sendsAFullBatchAtOnce() {
    DynamicBatcher batcher = batcher(4, 1000);
    for (int i = 0; i < 6; i++) {
      batcher.add(request("r" + i, 1, 0));
    }
    assertThat(ids(batcher.poll(0))).containsExactly("r0", "r1", "r2", "r3");
    assertThat(ids(batcher.poll(0))).isEmpty();
  }

  @Test
  void sendsTheLargestPreferredSizeThatTheWaitingRequestsReach() {
    DynamicBatcher batcher = batcher(16, 1000, 8, 4);
    for (int i = 0; i < 7; i++) {
      batcher.add(request("r" + i, 1, 0));
    }
    assertThat(batcher.poll(0)).hasSize(4);
    assertThat(batcher.poll(0)).isEmpty();
    for (int i = 0; i < 6; i++) {
      batcher.add(request("s" + i, 1, 0));
    }
    assertThat(batcher.poll(0)).hasSize(8);
  }

  @Test
  void doesNotWaitForABatchThatTheNextRequestWouldNotFit() {
    DynamicBatcher batcher = batcher(8, 1000);
    batcher.add(request("a", 5, 0));
    assertThat(batcher.poll(0)).isEmpty();
    batcher.add(request("b", 4, 0));
    assertThat(ids(batcher.poll(0))).containsExactly("a");
  }

  @Test
  void neverMixesShapesThatDifferBeyondTheBatch() {
    DynamicBatcher batcher = batcher(8, 0);
    batcher.add(request("a", 1, 0, 16));
    batcher.add(request("b", 2, 0, 16));
    batcher.add(request("c", 1, 0, 32));
    assertThat(ids(batcher.poll(0))).containsExactly("a", "b");
    assertThat(ids(batcher.poll(0))).containsExactly("c");
  }

  @Test
  void runsEveryRequestAloneWithoutDynamicBatching() {
    DynamicBatcher batcher =
        new DynamicBatcher(BatchingPolicy.of(ModelConfig.newBuilder().setMaxBatchSize(8).build()));
    batcher.add(request("a", 2, 0));
    batcher.add(request("b", 2, 0));
    assertThat(ids(batcher.poll(0))).containsExactly("a");
  }

  @Test
  void aRequestTakenBackIsNotSent() {
    DynamicBatcher batcher = batcher(8, 0);
    PendingRequest a = request("a", 1, 0);
    batcher.add(a);
    batcher.add(request("b", 1, 0));
    assertThat(batcher.remove(a)).isTrue();
    assertThat(batcher.remove(a)).isFalse();
    assertThat(ids(batcher.poll(0))).containsExactly("b");
  }

  @Test
  void isFullAtTheConfiguredQueueSize() {
    ModelConfig config =
        ModelConfig.newBuilder()
            .setMaxBatchSize(8)
            .setDynamicBatching(
                ModelDynamicBatching.newBuilder()
                    .setDefaultQueuePolicy(ModelQueuePolicy.newBuilder().setMaxQueueSize(2)))
            .build();
    DynamicBatcher batcher = new DynamicBatcher(BatchingPolicy.of(config));
    batcher.add(request("a", 1, 0));
    assertThat(batcher.isFull(request("c", 1, 0))).isFalse();
    batcher.add(request("b", 1, 0));
    assertThat(batcher.isFull(request("c", 1, 0))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyRequestIsSentOnceInOrderAndNoBatchIsTooLarge(long seed) {
    Random random = new Random(seed);
    int max = 1 + random.nextInt(16);
    DynamicBatcher batcher = batcher(max, random.nextInt(3), 1 + random.nextInt(max));
    List<String> sent = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 500; i++) {
      batcher.add(request("r" + i, 1 + random.nextInt(max), now));
      now += random.nextLong(MS);
      for (var batch = batcher.poll(now); !batch.isEmpty(); batch = batcher.poll(now)) {
        assertThat(batch.stream().mapToInt(PendingRequest::rows).sum()).isBetween(1, max);
        sent.addAll(ids(batch));
      }
    }
    for (var batch = batcher.poll(now + 3 * MS);
        !batch.isEmpty();
        batch = batcher.poll(now + 3 * MS)) {
      sent.addAll(ids(batch));
    }
    assertThat(sent).hasSize(500);
    for (int i = 0; i < 500; i++) {
      assertThat(sent.get(i)).isEqualTo("r" + i);
    }
  }

  private static DynamicBatcher batcher(int maxRows, int delayMillis, Integer... preferred) {
    return new DynamicBatcher(
        BatchingPolicy.of(
            ModelConfig.newBuilder()
                .setMaxBatchSize(maxRows)
                .setDynamicBatching(
                    ModelDynamicBatching.newBuilder()
                        .addAllPreferredBatchSize(List.of(preferred))
                        .setMaxQueueDelayMicroseconds(delayMillis * 1000L))
                .build()));
  }

  private static List<String> ids(List<PendingRequest> batch) {
    return batch.stream().map(request -> request.request().id().orElseThrow()).toList();
  }

  private static PendingRequest request(String id, int rows, long arrivalNanos) {
    return request(id, rows, arrivalNanos, 1);
  }

  private static PendingRequest request(String id, int rows, long arrivalNanos, int width) {
    Tensor input = Tensor.of("x", Shape.of(rows, width), new float[rows * width]);
    InferenceRequest request = InferenceRequest.to(ModelId.of("m")).id(id).input(input).build();
    return new PendingRequest(
        request,
        new NoAnswer(),
        new Tensor[] {input},
        new int[] {0},
        rows,
        arrivalNanos,
        new InputLayouts(List.of(Layout.Plain.ROWS), true));
  }

  private record NoAnswer() implements ResponseHandler {
    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      throw new AssertionError("a batcher answers nothing: " + Optional.of(response));
    }

    @Override
    public void onError(ServingException error) {
      throw error;
    }
  }
}
