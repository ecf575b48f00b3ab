package org.etalon.strain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentListTest {
  private static final Segment SPAN = new Segment(0, 64);

  @Test
  void joinsSegmentsThatTouchOrOverlap() {
    var list =
        SegmentList.of(new Segment(5, 9), new Segment(0, 3), new Segment(3, 4), new Segment(6, 7));
    assertThat(list.segments()).containsExactly(new Segment(0, 4), new Segment(5, 9));
    assertThat(list.livetimeNs()).isEqualTo(8);
  }

  /** Against the same operations on sets of instants. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithSetsOfInstants(long seed) {
    var random = new SplittableRandom(seed);
    SegmentList a = randomList(random);
    SegmentList b = randomList(random);
    for (long t = 0; t < 64; t++) {
      assertThat(a.union(b).contains(t)).isEqualTo(a.contains(t) || b.contains(t));
      assertThat(a.intersection(b).contains(t)).isEqualTo(a.contains(t) && b.contains(t));
      assertThat(a.complement(SPAN).contains(t)).isEqualTo(!a.contains(t));
      assertThat(a.subtract(b).contains(t)).isEqualTo(a.contains(t) && !b.contains(t));
      assertThat(a.widened(2, 1).contains(t))
          .isEqualTo(a.contains(t + 2) || a.contains(t + 1) || a.contains(t) || a.contains(t - 1));
      assertThat(a.atLeast(5).contains(t))
          .isEqualTo(a.segments().stream().anyMatch(at(t).and(s -> s.durationNs() >= 5)));
    }
    assertThat(a.union(a.complement(SPAN))).isEqualTo(SegmentList.of(SPAN));
    assertThat(a.livetimeNs() + a.complement(SPAN).livetimeNs()).isEqualTo(64);
  }

  @Test
  void refusesAnEmptySegment() {
    assertThatThrownBy(() -> new Segment(3, 3)).isInstanceOf(IllegalArgumentException.class);
  }

  private static Predicate<Segment> at(long t) {
    return segment -> segment.contains(t);
  }

  private static SegmentList randomList(SplittableRandom random) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      long start = random.nextLong(60);
      segments.add(new Segment(start, start + 1 + random.nextLong(64 - start - 1)));
    }
    return new SegmentList(segments.subList(0, random.nextInt(9)));
  }
}
