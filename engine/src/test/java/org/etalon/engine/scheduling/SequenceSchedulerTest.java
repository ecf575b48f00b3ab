package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.RequestIntake.Admission;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What runs when, with a clock by hand. */
final class SequenceSchedulerTest {
  private static final InputLayouts ROWS = new InputLayouts(List.of(Layout.Plain.ROWS), true);

  private static final long IDLE = TimeUnit.SECONDS.toNanos(1);

  private long now;

  private static final ResponseHandler NOWHERE =
      new ResponseHandler() {
        @Override
        public void onResponse(InferenceResponse response, boolean isLast) {
          response.close();
        }

        @Override
        public void onError(ServingException error) {}
      };

  private static SequencePolicy direct(int slots, long delay, float utilization) {
    return new SequencePolicy(
        true, slots, slots, List.of(), delay, utilization, IDLE, false, 100_000);
  }

  private static SequencePolicy oldest(int candidates, int rows, long delay, Integer... preferred) {
    return new SequencePolicy(
        false, candidates, rows, List.of(preferred), delay, 0, IDLE, false, 100_000);
  }

  private SequenceScheduler open(SequencePolicy policy, int instances) {
    return new SequenceScheduler("m", instances, policy, List.of(), new SilentAlarm(), () -> now);
  }

  private PendingRequest request(long id, boolean isStart, boolean isEnd, float value) {
    return request(
        Optional.of(new Sequence(new Sequence.Id.Number(id), isStart, isEnd)),
        1,
        value,
        Optional.empty());
  }

  private PendingRequest request(
      Optional<Sequence> sequence, int rows, float value, Optional<Duration> timeout) {
    Tensor x = Tensor.of("x", Shape.of(1, 1), new float[] {value});
    InferenceRequest.Builder request = InferenceRequest.to(ModelId.of("m")).input(x);
    sequence.ifPresent(request::sequence);
    timeout.ifPresent(request::queueTimeout);
    return new PendingRequest(
        request.build(), NOWHERE, new Tensor[] {x}, new int[] {0}, rows, now, ROWS);
  }

  private static float value(PendingRequest request) {
    return Objects.requireNonNull(request.input(0)).toFloats()[0];
  }

  private static List<Float> values(ScheduledBatch batch) {
    return batch.requests().stream()
        .map(request -> request.isPlaceholder() ? Float.NaN : value(request))
        .toList();
  }

  private static @Nullable ScheduledBatch tryRun(SequenceScheduler scheduler, int instance) {
    ScheduledBatch batch = scheduler.poll(instance);
    if (batch != null) {
      scheduler.executed(instance, batch);
    }
    return batch;
  }

  private static ScheduledBatch run(SequenceScheduler scheduler, int instance) {
    return Objects.requireNonNull(tryRun(scheduler, instance));
  }

  private static ScheduledBatch take(SequenceScheduler scheduler) {
    return Objects.requireNonNull(scheduler.poll(0));
  }

  @Test
  void keepsASequenceInItsSlotAndRunsEmptySlotsBelowIt() {
    SequenceScheduler scheduler = open(direct(4, 0, 0), 1);
    for (int id = 1; id <= 3; id++) {
      scheduler.add(request(id, true, false, id));
    }
    assertThat(values(run(scheduler, 0))).containsExactly(1f, 2f, 3f);
    scheduler.add(request(3, false, false, 30));
    assertThat(values(run(scheduler, 0))).containsExactly(Float.NaN, Float.NaN, 30f);
    scheduler.add(request(1, false, true, 10));
    assertThat(values(run(scheduler, 0))).containsExactly(10f);
    scheduler.add(request(4, true, false, 4));
    scheduler.add(request(2, false, false, 20));
    assertThat(values(run(scheduler, 0)))
        .as("4 takes the slot that 1 left")
        .containsExactly(4f, 20f);
    assertThat(scheduler.poll(0)).isNull();
  }

  @Test
  void runsOneRequestOfASequenceAtATimeAndInOrder() {
    SequenceScheduler scheduler = open(oldest(4, 4, 0), 1);
    scheduler.add(request(1, true, false, 1));
    scheduler.add(request(1, false, false, 2));
    scheduler.add(request(2, true, false, 3));
    ScheduledBatch first = take(scheduler);
    assertThat(values(first)).containsExactly(1f, 3f);
    scheduler.add(request(1, false, true, 4));
    scheduler.executed(0, first);
    assertThat(values(run(scheduler, 0))).containsExactly(2f);
    assertThat(values(run(scheduler, 0))).containsExactly(4f);
    assertThat(scheduler.liveSequences()).isEqualTo(1);
  }

  @Test
  void waitsForTheDelayUnlessEnoughSlotsHaveSomethingToRun() {
    SequenceScheduler scheduler = open(direct(4, 1000, 0.5f), 1);
    scheduler.add(request(1, true, false, 1));
    assertThat(scheduler.poll(0)).isNull();
    scheduler.add(request(2, true, false, 2));
    assertThat(values(run(scheduler, 0))).containsExactly(1f, 2f);
    scheduler.add(request(1, false, false, 3));
    now = 999;
    assertThat(scheduler.poll(0)).isNull();
    now = 1000;
    assertThat(values(run(scheduler, 0))).containsExactly(3f);
  }

  @Test
  void runsAPreferredBatchAtOnceAndASmallerOneAfterTheDelay() {
    SequenceScheduler scheduler = open(oldest(8, 8, 1000, 2), 1);
    for (int id = 1; id <= 3; id++) {
      scheduler.add(request(id, true, false, id));
    }
    assertThat(values(run(scheduler, 0))).containsExactly(1f, 2f);
    assertThat(scheduler.poll(0)).isNull();
    now = 1000;
    assertThat(values(run(scheduler, 0))).containsExactly(3f);
  }

  @Test
  void letsSequencesWaitForASlotInTheOrderInWhichTheyCame() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 2);
    for (int id = 1; id <= 4; id++) {
      scheduler.add(request(id, true, true, id));
    }
    assertThat(values(run(scheduler, 0))).containsExactly(1f);
    assertThat(values(run(scheduler, 1))).containsExactly(2f);
    assertThat(values(run(scheduler, 0))).containsExactly(3f);
    assertThat(values(run(scheduler, 1))).containsExactly(4f);
    assertThat(scheduler.liveSequences()).isZero();
  }

  @Test
  void dropsAnIdleSequenceTellsItsInstanceAndRefusesWhatFollows() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(7, true, false, 1));
    run(scheduler, 0);
    scheduler.add(request(8, true, true, 2));
    now = IDLE - 1;
    assertThat(scheduler.poll(0)).isNull();
    now = IDLE;
    ScheduledBatch next = run(scheduler, 0);
    assertThat(next.dropped()).containsExactly(new Sequence.Id.Number(7));
    assertThat(values(next)).containsExactly(2f);
    assertThatThrownBy(() -> scheduler.add(request(7, false, false, 3)))
        .hasMessage(
            "inference request for sequence 7 to model 'm' must specify the START flag on the first request of the sequence");
  }

  @Test
  void neverDropsASequenceThatRunsOrWaits() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(1, true, false, 1));
    ScheduledBatch running = take(scheduler);
    scheduler.add(request(2, true, false, 2));
    now = 10 * IDLE;
    assertThat(scheduler.poll(0)).isNull();
    scheduler.add(request(1, false, false, 3));
    scheduler.executed(0, running);
    now = 20 * IDLE;
    assertThat(values(run(scheduler, 0))).containsExactly(3f);
  }

  @Test
  void refusesWhatIsNoPartOfASequenceInTheProtocolsWords() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    assertThatThrownBy(() -> scheduler.add(request(Optional.empty(), 1, 0, Optional.empty())))
        .isInstanceOf(ServingException.class)
        .hasMessage(
            "inference request to model 'm' must specify a non-zero or non-empty correlation ID");
    assertThatThrownBy(() -> scheduler.add(request(999, false, false, 0)))
        .hasMessage(
            "inference request for sequence 999 to model 'm' must specify the START flag on the first request of the sequence");
    Sequence two = new Sequence(new Sequence.Id.Number(1), true, false);
    var pair =
        new PendingRequest(
            InferenceRequest.to(ModelId.of("m")).sequence(two).build(),
            NOWHERE,
            new Tensor[0],
            new int[0],
            2,
            now,
            ROWS);
    assertThatThrownBy(() -> scheduler.add(pair))
        .hasMessage(
            "inference request to model 'm' must specify batch-size 1 due to requirements of sequence batcher");
  }

  @Test
  void startsASequenceAnewUnderTheSameId() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(1, true, true, 1));
    scheduler.add(request(1, true, false, 2));
    assertThat(values(run(scheduler, 0))).containsExactly(1f);
    ScheduledBatch again = run(scheduler, 0);
    assertThat(values(again)).containsExactly(2f);
    assertThat(scheduler.liveSequences()).isEqualTo(1);
  }

  @Test
  void refusesASequenceWhoseRequestWaitedTooLongForASlot() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(1, true, false, 1));
    run(scheduler, 0);
    Sequence place = new Sequence(new Sequence.Id.Number(2), true, false);
    scheduler.add(request(Optional.of(place), 1, 5, Optional.of(Duration.ofNanos(60))));
    now = 60;
    ScheduledBatch news = take(scheduler);
    assertThat(news.requests()).isEmpty();
    assertThat(news.expired()).hasSize(1);
    assertThat(scheduler.size()).isZero();
    assertThat(scheduler.liveSequences()).isEqualTo(1);
  }

  @Test
  void givesUpSequencesThatWaitForMoreOnceNothingComesAnyMore() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(1, true, false, 1));
    run(scheduler, 0);
    scheduler.add(request(2, true, false, 2));
    scheduler.add(request(3, true, false, 3));
    assertThat(scheduler.poll(0)).isNull();
    scheduler.drain();
    ScheduledBatch second = run(scheduler, 0);
    assertThat(second.dropped()).containsExactly(new Sequence.Id.Number(1));
    assertThat(values(second)).containsExactly(2f);
    assertThat(values(run(scheduler, 0))).containsExactly(3f);
    assertThat(scheduler.liveSequences()).isZero();
  }

  @Test
  void givesAWaitingRequestBack() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(1, true, false, 1));
    run(scheduler, 0);
    PendingRequest second = request(1, false, false, 2);
    PendingRequest waiting = request(2, true, false, 3);
    scheduler.add(second);
    scheduler.add(waiting);
    assertThat(scheduler.remove(second)).isTrue();
    assertThat(scheduler.remove(second)).isFalse();
    assertThat(scheduler.remove(waiting)).isTrue();
    assertThat(scheduler.poll(0)).isNull();
    assertThat(scheduler.liveSequences()).isEqualTo(1);
    now = IDLE;
    assertThat(run(scheduler, 0).dropped()).hasSize(1);
    assertThat(scheduler.liveSequences()).isZero();
  }

  @Test
  void givesTenThousandSlotsBackWhateverBecomesOfTheirSequences() {
    SequenceScheduler scheduler = open(oldest(10_000, 256, 0), 1);
    for (int id = 1; id <= 10_000; id++) {
      scheduler.add(request(id, true, false, id));
    }
    drain(scheduler);
    for (int id = 1001; id <= 10_000; id++) {
      scheduler.add(request(id, false, true, id));
    }
    drain(scheduler);
    assertThat(scheduler.liveSequences()).isEqualTo(1000);
    now += IDLE;
    assertThat(run(scheduler, 0).dropped()).hasSize(1000);
    assertThat(scheduler.liveSequences()).isZero();
    for (int id = 1; id <= 10_000; id++) {
      scheduler.add(request(id, true, true, id));
    }
    drain(scheduler);
    assertThat(scheduler.liveSequences()).isZero();
  }

  private static void drain(SequenceScheduler scheduler) {
    while (tryRun(scheduler, 0) != null) {
      // runs all that waits
    }
  }

  @Test
  void returnsEverythingThatWaitsWhenItCloses() {
    SequenceScheduler scheduler = open(direct(1, 0, 0), 1);
    scheduler.add(request(1, true, false, 1));
    scheduler.add(request(2, true, false, 2));
    assertThat(scheduler.close()).hasSize(2);
    assertThat(scheduler.add(request(3, true, false, 3))).isEqualTo(Admission.CLOSED);
    assertThat(scheduler.take(0)).isNull();
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "true, 2", "false, 3", "false, 4", "true, 5", "false, 6"})
  void everySequenceRunsInItsOrderOnOneInstanceAndOnceEach(boolean isDirect, int seed) {
    var random = new Random(seed);
    int instances = random.nextInt(1, 4);
    SequenceScheduler scheduler =
        open(isDirect ? direct(3, 0, 0) : oldest(5, 3, random.nextInt(2) * 10L, 2), instances);
    Map<Long, Integer> sent = new HashMap<>();
    Map<Long, Integer> ran = new HashMap<>();
    Map<Long, Integer> home = new HashMap<>();
    List<Long> open = new ArrayList<>();
    long nextId = 1;
    for (int step = 0; step < 4000; step++) {
      now += random.nextInt(5);
      if (open.size() < 20 && random.nextInt(4) == 0) {
        open.add(nextId++);
      }
      if (!open.isEmpty() && random.nextBoolean()) {
        int which = random.nextInt(open.size());
        long id = open.get(which);
        int number = sent.merge(id, 1, Integer::sum);
        boolean isEnd = number > 1 && random.nextInt(6) == 0;
        assertThat(scheduler.add(request(id, number == 1, isEnd, number)))
            .isEqualTo(Admission.ACCEPTED);
        if (isEnd) {
          open.remove(which);
        }
      }
      int instance = random.nextInt(instances);
      check(tryRun(scheduler, instance), instance, ran, home);
    }
    now += 10;
    for (int i = 0; i < 1000; i++) {
      check(tryRun(scheduler, i % instances), i % instances, ran, home);
    }
    for (long id : ran.keySet()) {
      assertThat(ran.get(id)).isEqualTo(sent.get(id));
    }
    assertThat(scheduler.size())
        .as("only sequences without a slot wait")
        .isEqualTo(
            sent.entrySet().stream()
                .filter(entry -> !ran.containsKey(entry.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum());
  }

  private static void check(
      @Nullable ScheduledBatch batch,
      int instance,
      Map<Long, Integer> ran,
      Map<Long, Integer> home) {
    if (batch == null) {
      return;
    }
    for (PendingRequest request : batch.requests()) {
      if (!request.isPlaceholder()) {
        var place = request.request().sequence().orElseThrow();
        long id = ((Sequence.Id.Number) place.id()).value();
        assertThat((int) value(request)).isEqualTo(ran.merge(id, 1, Integer::sum));
        assertThat(home.putIfAbsent(id, instance)).isIn(null, instance);
      }
    }
  }
}
