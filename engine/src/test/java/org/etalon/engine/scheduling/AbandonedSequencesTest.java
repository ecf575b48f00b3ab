package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences whose last request never comes. */
class AbandonedSequencesTest {
  private static final InputLayouts ROWS = new InputLayouts(List.of(Layout.Plain.ROWS), true);
  private static final long IDLE = 1_000;
  private static final ResponseHandler NOWHERE =
      new ResponseHandler() {
        @Override
        public void onResponse(InferenceResponse response, boolean isLast) {
          response.close();
        }

        @Override
        public void onError(ServingException error) {}
      };

  private long now;

  private SequenceScheduler open(int slots, int rows) {
    SequencePolicy policy =
        new SequencePolicy(false, slots, rows, List.of(), 0, 0, IDLE, false, 100_000);
    return new SequenceScheduler("m", 1, policy, List.of(), new SilentAlarm(), () -> now);
  }

  private static Sequence.Id id(long number) {
    return new Sequence.Id.Number(number);
  }

  private PendingRequest request(long id, boolean isStart, boolean isEnd) {
    Tensor x = Tensor.of("x", Shape.of(1, 1), new float[] {id});
    InferenceRequest request =
        InferenceRequest.to(ModelId.of("m"))
            .input(x)
            .sequence(new Sequence(id(id), isStart, isEnd))
            .build();
    return new PendingRequest(request, NOWHERE, new Tensor[] {x}, new int[] {0}, 1, now, ROWS);
  }

  private static List<Sequence.Id> run(SequenceScheduler scheduler) {
    List<Sequence.Id> dropped = new ArrayList<>();
    for (ScheduledBatch batch = scheduler.poll(0); batch != null; batch = scheduler.poll(0)) {
      dropped.addAll(batch.dropped());
      scheduler.executed(0, batch);
    }
    return dropped;
  }

  @Test
  void oneThatIsGivenUpLeavesItsSlotAtOnceAndTellsItsModel() {
    SequenceScheduler scheduler = open(1, 1);
    scheduler.add(request(1, true, false));
    scheduler.add(request(2, true, false));
    assertThat(run(scheduler)).isEmpty();
    scheduler.giveUp(id(1));
    assertThat(run(scheduler)).containsExactly(id(1));
    assertThat(scheduler.size()).isZero();
    assertThat(scheduler.liveSequences()).isOne();
  }

  @Test
  void oneThatIsGivenUpIsOverWhenWhatWaitsHasRun() {
    SequenceScheduler scheduler = open(2, 1);
    scheduler.add(request(1, true, false));
    scheduler.add(request(1, false, false));
    scheduler.giveUp(id(1));
    ScheduledBatch first = Objects.requireNonNull(scheduler.poll(0));
    scheduler.executed(0, first);
    assertThat(scheduler.liveSequences()).isOne();
    assertThat(run(scheduler)).containsExactly(id(1));
    assertThat(scheduler.liveSequences()).isZero();
  }

  @Test
  void oneWhoseLastRequestIsCancelledIsOver() {
    SequenceScheduler scheduler = open(2, 1);
    scheduler.add(request(1, true, false));
    PendingRequest last = request(1, false, true);
    scheduler.add(last);
    assertThat(scheduler.remove(last)).isTrue();
    assertThat(run(scheduler)).containsExactly(id(1));
    assertThat(scheduler.liveSequences()).isZero();
  }

  @Test
  void oneThatWasGivenUpMayStartAgainBeforeItIsOver() {
    SequenceScheduler scheduler = open(1, 1);
    scheduler.add(request(1, true, false));
    ScheduledBatch first = Objects.requireNonNull(scheduler.poll(0));
    scheduler.giveUp(id(1));
    scheduler.add(request(1, true, false));
    scheduler.executed(0, first);
    assertThat(run(scheduler)).isEmpty();
    assertThat(scheduler.liveSequences()).isOne();
  }

  @Test
  void aThousandOfTenThousandGiveTheirSlotsBackWhenTheyAreIdleTooLong() {
    int count = 10_000;
    SequenceScheduler scheduler = open(count, 64);
    for (int id = 1; id <= count; id++) {
      scheduler.add(request(id, true, false));
    }
    assertThat(run(scheduler)).isEmpty();
    assertThat(scheduler.liveSequences()).isEqualTo(count);
    for (int id = 1001; id <= count; id++) {
      scheduler.add(request(id, false, true));
    }
    assertThat(run(scheduler)).isEmpty();
    now += IDLE;
    assertThat(run(scheduler)).hasSize(1000);
    assertThat(scheduler.liveSequences()).isZero();
    for (int id = 1; id <= count; id++) {
      scheduler.add(request(-id, true, true));
    }
    assertThat(run(scheduler)).isEmpty();
    assertThat(scheduler.liveSequences()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noneStaysWhateverIsGivenUpAndCancelledWhen(long seed) {
    Random random = new Random(seed);
    SequenceScheduler scheduler = open(3, 2);
    List<PendingRequest> added = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      long id = 1L + random.nextInt(6);
      switch (random.nextInt(6)) {
        case 0 -> scheduler.giveUp(id(id));
        case 1 -> run(scheduler);
        case 2 -> {
          if (!added.isEmpty()) {
            scheduler.remove(added.remove(added.size() - 1));
          }
        }
        default -> {
          PendingRequest request = request(id, random.nextInt(3) == 0, random.nextInt(4) == 0);
          try {
            scheduler.add(request);
            added.add(request);
          } catch (ServingException e) {
            assertThat(e).hasMessageContaining("START");
          }
        }
      }
    }
    for (long id = 1; id <= 6; id++) {
      scheduler.giveUp(id(id));
    }
    run(scheduler);
    assertThat(scheduler.liveSequences()).isZero();
    assertThat(scheduler.size()).isZero();
  }
}
