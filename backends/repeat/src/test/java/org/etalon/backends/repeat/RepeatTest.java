package org.etalon.backends.repeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatTest {
  private static final int HOUR_MILLIS = 3_600_000;

  @TempDir private Path folder;
  private Engine engine;

  @BeforeEach
  void start() throws IOException {
    Files.createDirectories(folder.resolve("repeat/1"));
    Files.writeString(folder.resolve("repeat/config.pbtxt"), "backend: 'repeat'");
    EngineConfig config = EngineConfig.of(List.of(folder));
    engine = Engine.start(config, List.of(new RepeatBackend()));
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static Tensor tensor(String name, DataType datatype, int... values) {
    return new Tensor(name, datatype, Shape.of(values.length), MemorySegment.ofArray(values));
  }

  private static InferenceRequest.Builder request(int wait, int[] in, int[] delay) {
    return InferenceRequest.to(ModelId.of("repeat"))
        .input(tensor("IN", DataType.INT32, in))
        .input(tensor("DELAY", DataType.UINT32, delay))
        .input(tensor("WAIT", DataType.UINT32, wait));
  }

  private Answers ask(InferenceRequest request) {
    Answers answers = new Answers();
    answers.call = engine.submit(request, answers);
    return answers;
  }

  private ModelStatistics statistics() {
    return engine.statistics(Optional.of("repeat"), OptionalLong.empty()).getFirst();
  }

  @Test
  void answersOnceForEachElement() {
    Answers answers = ask(request(0, new int[] {7, -8, 9}, new int[] {0, 1, 0}).build());
    answers.ended.join();
    assertThat(answers.outs).containsExactly(7, -8, 9);
    assertThat(answers.indexes).containsExactly(0, 1, 2);
    assertThat(answers.emptyEnds).isEqualTo(1);
    ModelStatistics statistics = statistics();
    assertThat(statistics.success().count()).isEqualTo(1);
    assertThat(statistics.inferenceCount()).isEqualTo(1);
    assertThat(statistics.responses()).hasSize(3);
    assertThat(statistics.responses().get(2).success().count()).isEqualTo(1);
    assertThat(statistics.firstResponse().count()).isEqualTo(1);
  }

  @Test
  void answersNothingToNothing() {
    Answers answers = ask(request(0, new int[0], new int[0]).build());
    answers.ended.join();
    assertThat(answers.outs).isEmpty();
    assertThat(answers.emptyEnds).isEqualTo(1);
  }

  @Test
  void givesTheOutputsAskedForAlone() {
    InferenceRequest request =
        request(0, new int[] {5}, new int[] {0}).output(RequestedOutput.of("IDX")).build();
    Answers answers = ask(request);
    answers.ended.join();
    assertThat(answers.outs).isEmpty();
    assertThat(answers.indexes).containsExactly(0);
  }

  @Test
  void refusesDelaysThatAreNotOneForEachElement() {
    Answers answers = ask(request(0, new int[] {1, 2}, new int[] {0}).build());
    assertThatThrownBy(answers.ended::join)
        .hasMessageContaining("DELAY has 1 elements (expected: one for each of IN, which has 2)");
  }

  @Test
  void endsInTheMiddleWhenItIsGivenUp() {
    Answers answers = ask(request(0, new int[] {1, 2}, new int[] {0, HOUR_MILLIS}).build());
    answers.first.join();
    answers.call.cancel();
    assertThatThrownBy(answers.ended::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ServingException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(answers.outs).containsExactly(1);
    assertThat(statistics().failure(FailureReason.CANCELED).count()).isEqualTo(1);
    assertThat(statistics().responses().get(1).cancel().count()).isEqualTo(1);
  }

  @Test
  void isBusyWithARequestUntilItsWaitIsOverOrItIsGivenUp() {
    Answers busy = ask(request(HOUR_MILLIS, new int[] {1, 2}, new int[] {0, HOUR_MILLIS}).build());
    busy.first.join();
    Answers waiting = ask(request(0, new int[] {3}, new int[] {0}).build());
    assertThat(waiting.ended).isNotDone();
    busy.call.cancel();
    waiting.ended.join();
    assertThat(waiting.outs).containsExactly(3);
  }

  @Test
  void holdsBackAnswersThatAreNotRead() throws InterruptedException {
    int count = 1_000;
    Answers answers = new Answers();
    answers.room = 3;
    int[] in = new int[count];
    Arrays.setAll(in, i -> i);
    answers.call = engine.submit(request(0, in, new int[count]).build(), answers);
    answers.full.await();
    assertThat(answers.outs).hasSize(3);
    answers.room = Integer.MAX_VALUE;
    answers.call.resume();
    answers.ended.join();
    assertThat(answers.outs).hasSize(count);
  }

  @Test
  void isRefusedWhereOneAnswerIsExpected() {
    CompletableFuture<InferenceResponse> answer =
        engine.infer(request(0, new int[] {1, 2}, new int[] {0, 0}).build());
    assertThatThrownBy(answer::join).hasMessageContaining("any number of times");
    assertThat(engine.isDecoupled(ModelId.of("repeat"))).isTrue();
  }

  @Test
  void answersWhatIsUnderWayBeforeItEnds() {
    Answers answers = ask(request(0, new int[] {1, 2}, new int[] {0, 5}).build());
    engine.close();
    assertThat(answers.ended).isCompleted();
    assertThat(answers.outs).containsExactly(1, 2);
  }

  private static final class Answers implements ResponseHandler {
    final List<Integer> outs = new ArrayList<>();
    final List<Integer> indexes = new ArrayList<>();
    final CompletableFuture<Void> first = new CompletableFuture<>();
    final CompletableFuture<Void> ended = new CompletableFuture<>();
    final CountDownLatch full = new CountDownLatch(1);
    volatile int room = Integer.MAX_VALUE;
    volatile InferenceCall call = () -> {};
    private volatile int taken;
    int emptyEnds;

    @Override
    public boolean isReady() {
      if (taken < room) {
        return true;
      }
      full.countDown();
      return false;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      try (response) {
        for (Tensor output : response.outputs()) {
          int value = output.data().get(Tensor.INT, 0);
          (output.name().equals("OUT") ? outs : indexes).add(value);
        }
        emptyEnds += isLast && response.outputs().isEmpty() ? 1 : 0;
      }
      taken = outs.size();
      first.complete(null);
      if (isLast) {
        ended.complete(null);
      }
    }

    @Override
    public void onError(ServingException error) {
      ended.completeExceptionally(error);
    }
  }
}
