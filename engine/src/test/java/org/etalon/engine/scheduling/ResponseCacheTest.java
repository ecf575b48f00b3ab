package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;

class ResponseCacheTest {
  @Test
  void keepsACopyOfWhatWasAnswered() {
    ResponseCache cache = new ResponseCache(10_000);
    float[] values = {1, 2};
    cache.keep(key(0, 1), List.of(Tensor.of("y", Shape.of(1, 2), values)));
    values[0] = 9;
    assertThat(Objects.requireNonNull(cache.find(key(0, 1))).getFirst().toFloats())
        .containsExactly(1, 2);
    assertThat(cache.find(key(1, 1))).isNull();
    assertThat(cache.find(key(0, 2))).isNull();
  }

  @Test
  void givesUpWhatWasUsedLongestAgoAndNeverTakesMoreThanItMay() {
    ResponseCache cache = new ResponseCache(5_000);
    for (int i = 0; i < 100; i++) {
      cache.keep(key(0, i), List.of(output(100)));
      assertThat(cache.find(key(0, 0))).as("it is used all the time").isNotNull();
      assertThat(cache.bytes()).isLessThanOrEqualTo(5_000);
    }
    assertThat(cache.find(key(0, 50))).isNull();
    assertThat(cache.find(key(0, 99))).isNotNull();
  }

  @Test
  void doesNotKeepWhatIsLargerThanAll() {
    ResponseCache cache = new ResponseCache(1_000);
    cache.keep(key(0, 1), List.of(output(10)));
    cache.keep(key(0, 2), List.of(output(1_000)));
    assertThat(cache.find(key(0, 1))).isNotNull();
    assertThat(cache.find(key(0, 2))).isNull();
  }

  @Test
  void forgetsAVersionThatHasEnded() {
    ResponseCache cache = new ResponseCache(100_000);
    long one = cache.newOwner();
    long other = cache.newOwner();
    for (int i = 0; i < 10; i++) {
      cache.keep(key(one, i), List.of(output(10)));
      cache.keep(key(other, i), List.of(output(10)));
    }
    long both = cache.bytes();
    cache.forget(one);
    assertThat(cache.bytes()).isEqualTo(both / 2);
    assertThat(cache.find(key(one, 3))).isNull();
    assertThat(cache.find(key(other, 3))).isNotNull();
    cache.forget(other);
    assertThat(cache.bytes()).isZero();
  }

  private static Tensor output(int count) {
    return Tensor.of("y", Shape.of(1, count), new float[count]);
  }

  private static ResponseCache.Key key(long owner, long digest) {
    return new ResponseCache.Key(owner, digest, 0, 0, 0);
  }
}
