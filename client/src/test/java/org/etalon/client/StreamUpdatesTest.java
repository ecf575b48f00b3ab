package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etalon.client.StreamUpdates.Update;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;

class StreamUpdatesTest {
  private final StreamUpdates updates = new StreamUpdates();

  private Update add(int samples, boolean isEnd) {
    return updates.add(
        List.of(Tensor.of("x", Shape.of(1, samples), new float[samples])),
        isEnd,
        new CompletableFuture<>());
  }

  @Test
  void keepsWhatTheFirstUnansweredDependsOnFromAnAlignedPositionOn() {
    for (int i = 0; i < 20; i++) {
      add(2, false).isAnswered = i < 15;
    }

    updates.trim(new StreamMemory(5, 8));

    // The first without an answer is at 30: 25 is needed, 24 the multiple of 8 before.
    assertThat(updates.all().getFirst().position).isEqualTo(24);
    assertThat(updates.all()).hasSize(8);
  }

  @Test
  void keepsAllFromTheStartWhileThatIsWithinTheMemory() {
    for (int i = 0; i < 5; i++) {
      add(2, false).isAnswered = true;
    }

    updates.trim(new StreamMemory(11, 8));

    assertThat(updates.all()).hasSize(5);
    assertThat(updates.all().getFirst().isStart).isTrue();
  }

  @Test
  void keepsNothingOfAStreamThatHasEnded() {
    add(2, false).isAnswered = true;
    add(2, true).isAnswered = true;
    Update next = add(2, false);

    updates.trim(new StreamMemory(100, 1));

    assertThat(updates.all()).containsExactly(next);
    assertThat(next.isStart).isTrue();
    assertThat(next.position).isZero();
  }

  @Test
  void anUpdateThatIsTakenOutLeavesTheOthersAsIfItHadNotBeen() {
    Update first = add(2, false);
    Update second = add(4, false);
    updates.remove(first);
    assertThat(second.isStart).isTrue();
    assertThat(second.position).isZero();
    updates.remove(second);
    Update third = add(2, true);
    Update fourth = add(2, false);
    assertThat(third.isStart).isTrue();
    updates.remove(third);
    assertThat(fourth.isStart).isTrue();
    assertThat(fourth.position).isZero();
  }
}
