package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.backend.Device;
import org.etalon.engine.config.RateLimits;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelRateLimiter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimiterTest {
  private final RateLimiter limiter = new RateLimiter(new RateLimits(List.of()));

  private static ModelInstanceGroup group(int priority, ModelRateLimiter.Resource... resources) {
    return ModelInstanceGroup.newBuilder()
        .setName("g")
        .setRateLimiter(
            ModelRateLimiter.newBuilder().setPriority(priority).addAllResources(List.of(resources)))
        .build();
  }

  private static ModelRateLimiter.Resource of(String name, int count, boolean isGlobal) {
    return ModelRateLimiter.Resource.newBuilder()
        .setName(name)
        .setCount(count)
        .setGlobal(isGlobal)
        .build();
  }

  private static RateLimiter limited(RateLimits.Resource... resources) {
    return new RateLimiter(new RateLimits(List.of(resources)));
  }

  private RateLimiter.Claim claim(int priority, int count) {
    return limiter.claim("m", group(priority, of("R", count, false)), Device.CPU);
  }

  private static boolean holds(CompletableFuture<Boolean> asked) {
    return asked.getNow(false);
  }

  @Test
  void givesAResourceToOneAtATime() {
    RateLimiter.Claim one = claim(1, 1);
    RateLimiter.Claim other = claim(1, 1);
    assertThat(holds(one.ask())).isTrue();
    CompletableFuture<Boolean> waiting = other.ask();
    assertThat(holds(waiting)).isFalse();
    one.giveBack();
    assertThat(holds(waiting)).isTrue();
  }

  @Test
  void hasAsMuchAsTheOneThatAsksForMost() {
    RateLimiter.Claim three = claim(1, 3);
    RateLimiter.Claim one = claim(1, 1);
    RateLimiter.Claim two = claim(1, 2);
    assertThat(holds(one.ask()) && holds(two.ask())).isTrue();
    assertThat(holds(three.ask())).isFalse();
  }

  @Test
  void countsADevicesResourcesApartAndThoseOfTheServerTogether() {
    ModelInstanceGroup local = group(1, of("L", 1, false));
    Device gpu = new Device(Device.Kind.CUDA, 1);
    assertThat(holds(limiter.claim("a", local, Device.CPU).ask())).isTrue();
    assertThat(holds(limiter.claim("b", local, gpu).ask())).isTrue();
    ModelInstanceGroup global = group(1, of("G", 1, true));
    assertThat(holds(limiter.claim("a", global, Device.CPU).ask())).isTrue();
    assertThat(holds(limiter.claim("b", global, gpu).ask())).isFalse();
  }

  @Test
  void takesAllThatAnInstanceNeedsOrNothing() {
    RateLimiter.Claim both =
        limiter.claim("m", group(1, of("R", 1, false), of("S", 1, false)), Device.CPU);
    RateLimiter.Claim r = claim(1, 1);
    RateLimiter.Claim s = limiter.claim("m", group(1, of("S", 1, false)), Device.CPU);
    assertThat(holds(r.ask())).isTrue();
    CompletableFuture<Boolean> waiting = both.ask();
    assertThat(holds(waiting)).isFalse();
    assertThat(holds(s.ask())).isFalse(); // stands behind who waits for it
    r.giveBack();
    assertThat(holds(waiting)).isTrue();
  }

  /** Who needs little must not go on overtaking who needs much. */
  @Test
  void starvesNobodyThatNeedsMuch() {
    RateLimiter.Claim big = claim(1, 2);
    RateLimiter.Claim first = claim(1, 1);
    RateLimiter.Claim second = claim(1, 1);
    assertThat(holds(first.ask())).isTrue();
    CompletableFuture<Boolean> much = big.ask();
    assertThat(holds(second.ask())).isFalse();
    first.giveBack();
    assertThat(holds(much)).isTrue();
  }

  @Test
  void keepsNobodyFromWhatNobodyBeforeItWaitsFor() {
    RateLimiter.Claim r = claim(1, 1);
    RateLimiter.Claim another = claim(1, 1);
    RateLimiter.Claim t = limiter.claim("m", group(1, of("T", 1, false)), Device.CPU);
    assertThat(holds(r.ask())).isTrue();
    assertThat(holds(another.ask())).isFalse();
    assertThat(holds(t.ask())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "1, 3", "2, 5", "0, 1"})
  void runsEachAsOftenAsItsPrioritySays(int one, int other) {
    List<RateLimiter.Claim> claims = List.of(claim(one, 1), claim(other, 1));
    List<CompletableFuture<Boolean>> asked = new ArrayList<>();
    claims.forEach(claim -> asked.add(claim.ask()));
    int[] runs = new int[2];
    for (int i = 0; i < 840; i++) {
      int holder = holds(asked.get(0)) ? 0 : 1;
      assertThat(holds(asked.get(0)) ^ holds(asked.get(1))).isTrue();
      runs[holder]++;
      claims.get(holder).use();
      asked.set(holder, claims.get(holder).askAnew());
    }
    double expected = (double) Math.max(1, other) / Math.max(1, one);
    assertThat((double) runs[0] / runs[1]).isBetween(0.97 * expected, 1.03 * expected);
  }

  @Test
  void savesNoTurnsUpForWhoHadNoWork() {
    RateLimiter.Claim busy = claim(1, 1);
    RateLimiter.Claim idle = claim(1, 1);
    for (int i = 0; i < 100; i++) {
      assertThat(holds(busy.ask())).isTrue();
      busy.use();
      busy.giveBack();
    }
    assertThat(holds(idle.ask())).isTrue();
    CompletableFuture<Boolean> next = busy.ask();
    idle.use();
    idle.giveBack();
    assertThat(holds(next)).isTrue();
  }

  @Test
  void chargesNothingForATurnThatFoundNoWork() {
    RateLimiter.Claim holder = claim(1, 1);
    RateLimiter.Claim one = claim(1, 1);
    RateLimiter.Claim other = claim(1, 1);
    assertThat(holds(one.ask())).isTrue();
    one.giveBack();
    assertThat(holds(holder.ask())).isTrue();
    CompletableFuture<Boolean> first = one.ask();
    CompletableFuture<Boolean> second = other.ask();
    holder.giveBack();
    assertThat(holds(first) && !holds(second)).isTrue();
  }

  @Test
  void givesUpAtOnceWhatIsClosedAndServesTheOthers() {
    RateLimiter.Claim holder = claim(1, 2);
    RateLimiter.Claim big = claim(1, 2);
    RateLimiter.Claim small = claim(1, 1);
    assertThat(holds(holder.ask())).isTrue();
    CompletableFuture<Boolean> one = big.ask();
    CompletableFuture<Boolean> other = small.ask();
    big.close();
    assertThat(one).isCompletedWithValue(false);
    assertThat(big.ask()).isCompletedWithValue(false);
    holder.close();
    holder.giveBack();
    assertThat(holds(other)).isTrue();
  }

  @Test
  void refusesWhatCouldNeverRun() {
    RateLimiter four = limited(new RateLimits.Resource("R", OptionalInt.empty(), 4));
    assertThat(holds(four.claim("m", group(1, of("R", 4, false)), Device.CPU).ask())).isTrue();
    assertThatThrownBy(() -> four.claim("m", group(1, of("R", 5, false)), Device.CPU))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(
            "model 'm': instance_group 'g': Resource count for \"R\" is limited to 4")
        .hasMessageContaining("the minimum required count is 5");
    assertThatThrownBy(() -> four.claim("m", group(1, of("S", 1, false)), Device.CPU))
        .hasMessageContaining("Resource count for \"S\" is limited to 0");
  }

  @Test
  void refusesAResourceThatIsBothOfADeviceAndOfTheServer() {
    RateLimiter.Claim local = claim(1, 1);
    assertThatThrownBy(() -> limiter.claim("n", group(1, of("R", 1, true)), Device.CPU))
        .hasMessageContaining("\"R\" is present as both global and device-specific resource");
    local.close();
    assertThat(holds(limiter.claim("n", group(1, of("R", 1, true)), Device.CPU).ask())).isTrue();
  }

  @Test
  void knowsHowMuchOfAResourceEachDeviceHas() {
    RateLimiter unequal =
        limited(
            new RateLimits.Resource("R", OptionalInt.empty(), 1),
            new RateLimits.Resource("R", OptionalInt.of(1), 3));
    ModelInstanceGroup three = group(1, of("R", 3, false));
    assertThat(holds(unequal.claim("m", three, new Device(Device.Kind.CUDA, 1)).ask())).isTrue();
    assertThatThrownBy(() -> unequal.claim("m", three, new Device(Device.Kind.CUDA, 0)))
        .hasMessageContaining("is limited to 1");
  }

  /** Whatever is asked and given back in whatever order: never more is held than there is. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neverGivesMoreThanThereIsAndServesAllInTheEnd(long seed) {
    Random random = new Random(seed);
    RateLimiter shared = limited(new RateLimits.Resource("R", OptionalInt.empty(), 5));
    List<RateLimiter.Claim> claims = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    List<CompletableFuture<Boolean>> asked = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      counts.add(1 + random.nextInt(5));
      claims.add(
          shared.claim("m", group(random.nextInt(4), of("R", counts.get(i), false)), Device.CPU));
      asked.add(claims.get(i).ask());
    }
    int[] runs = new int[8];
    for (int step = 0; step < 2000; step++) {
      int held = 0;
      for (int i = 0; i < 8; i++) {
        held += holds(asked.get(i)) ? counts.get(i) : 0;
      }
      assertThat(held).isBetween(1, 5);
      int i = random.nextInt(8);
      if (holds(asked.get(i))) {
        runs[i]++;
        claims.get(i).use();
        asked.set(i, claims.get(i).askAnew());
      }
    }
    assertThat(Arrays.stream(runs).min().orElseThrow()).isGreaterThan(10);
  }
}
