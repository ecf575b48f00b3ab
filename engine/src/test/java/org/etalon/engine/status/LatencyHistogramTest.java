package org.etalon.engine.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LatencyHistogramTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyLatencyLiesWithinTheBoundsOfItsBucket(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      long nanos = anyLatency(random);
      int bucket = LatencyBuckets.indexOf(nanos);
      assertThat(nanos).isLessThanOrEqualTo(LatencyBuckets.upperNanos(bucket));
      assertThat(Math.max(nanos, 1)).isGreaterThan(LatencyBuckets.lowerNanos(bucket));
    }
  }

  @Test
  void takesWhateverAClockGives() {
    assertThat(LatencyBuckets.indexOf(-5)).isZero();
    assertThat(LatencyBuckets.indexOf(Long.MIN_VALUE)).isZero();
    assertThat(LatencyBuckets.indexOf(0)).isZero();
    assertThat(LatencyBuckets.indexOf(Long.MAX_VALUE)).isEqualTo(LatencyBuckets.COUNT - 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 25_000, 50_000, 2_500_000, 100_000_000, 30_000_000_000L})
  void countsExactlyUpToRoundBounds(long bound) {
    LatencyHistogram histogram = histogram(bound - 1, bound, bound + 1, 2 * bound);
    assertThat(histogram.countUpTo(bound)).isEqualTo(2);
    assertThat(histogram.count()).isEqualTo(4);
    assertThat(histogram.nanos()).isEqualTo(5 * bound);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void quantilesAreWithinTenPercent(long seed) {
    Random random = new Random(seed);
    long[] seen = new long[10_000];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = 1_000 + (long) (1e6 * Math.exp(2 * random.nextGaussian()));
    }
    LatencyHistogram histogram = histogram(seen);
    Arrays.sort(seen);
    for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999}) {
      double exact = seen[(int) Math.ceil(share * seen.length) - 1];
      assertThat(histogram.quantileNanos(share)).isCloseTo(exact, within(0.1 * exact));
    }
  }

  @Test
  void ofNothingThereIsNoQuantile() {
    assertThat(LatencyHistogram.EMPTY.quantileNanos(0.5)).isNaN();
  }

  @Test
  void tellsWhatCameSinceAnEarlierState() {
    LatencyHistogram earlier = histogram(5_000, 1_000_000);
    LatencyHistogram now = histogram(5_000, 1_000_000, 2_000_000);
    assertThat(now.since(earlier).count()).isEqualTo(1);
    assertThat(now.since(earlier).nanos()).isEqualTo(2_000_000);
  }

  @Test
  void countsThatStartedAnewAreAllNew() {
    LatencyHistogram anew = histogram(7_000);
    assertThat(anew.since(histogram(5_000, 1_000_000))).isSameAs(anew);
  }

  private static long anyLatency(Random random) {
    return random.nextLong() >>> random.nextInt(1, 64);
  }

  private static LatencyHistogram histogram(long... latencies) {
    long[] counts = new long[LatencyBuckets.COUNT];
    long sum = 0;
    for (long latency : latencies) {
      counts[LatencyBuckets.indexOf(latency)]++;
      sum += latency;
    }
    return LatencyHistogram.of(counts, sum);
  }
}
