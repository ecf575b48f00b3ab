package org.etalon.strain;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of GPS instants as sorted segments that neither overlap nor touch.
 *
 * <p>Built from segments in any order: those that overlap or touch are joined.
 *
 * @param segments sorted, with a gap between any two
 */
public record SegmentList(List<Segment> segments) {
  private static final SegmentList EMPTY = new SegmentList(List.of());

  public SegmentList {
    segments = joined(segments);
  }

  public static SegmentList of(Segment... segments) {
    return new SegmentList(List.of(segments));
  }

  public static SegmentList empty() {
    return EMPTY;
  }

  public boolean isEmpty() {
    return segments.isEmpty();
  }

  /** The time covered, in nanoseconds. */
  public long livetimeNs() {
    return segments.stream().mapToLong(Segment::durationNs).sum();
  }

  public boolean contains(long gpsNs) {
    return segments.stream().anyMatch(segment -> segment.contains(gpsNs));
  }

  /** Whether all of {@code span} is covered. */
  public boolean contains(Segment span) {
    return segments.stream().anyMatch(segment -> segment.contains(span));
  }

  public SegmentList union(SegmentList other) {
    List<Segment> all = new ArrayList<>(segments);
    all.addAll(other.segments);
    return new SegmentList(all);
  }

  public SegmentList intersection(SegmentList other) {
    List<Segment> common = new ArrayList<>();
    int mine = 0;
    int theirs = 0;
    while (mine < segments.size() && theirs < other.segments.size()) {
      Segment a = segments.get(mine);
      Segment b = other.segments.get(theirs);
      a.intersection(b).ifPresent(common::add);
      if (a.endNs() <= b.endNs()) {
        mine++;
      } else {
        theirs++;
      }
    }
    return new SegmentList(common);
  }

  /** What is covered here and not by {@code other}. */
  public SegmentList subtract(SegmentList other) {
    List<Segment> left = new ArrayList<>();
    int theirs = 0;
    for (Segment segment : segments) {
      long fromNs = segment.startNs();
      while (theirs < other.segments.size()
          && other.segments.get(theirs).startNs() < segment.endNs()) {
        Segment hole = other.segments.get(theirs);
        if (hole.startNs() > fromNs) {
          left.add(new Segment(fromNs, hole.startNs()));
        }
        fromNs = Math.max(fromNs, hole.endNs());
        if (hole.endNs() > segment.endNs()) {
          break; // it may reach into the next segment
        }
        theirs++;
      }
      if (fromNs < segment.endNs()) {
        left.add(new Segment(fromNs, segment.endNs()));
      }
    }
    return new SegmentList(left);
  }

  /** Every segment made longer at both ends; those that then touch are joined. */
  public SegmentList widened(long beforeNs, long afterNs) {
    if (beforeNs < 0 || afterNs < 0) {
      throw new IllegalArgumentException(
          "beforeNs: %d, afterNs: %d (expected: not negative)".formatted(beforeNs, afterNs));
    }
    return new SegmentList(
        segments.stream()
            .map(each -> new Segment(each.startNs() - beforeNs, each.endNs() + afterNs))
            .toList());
  }

  /** Those segments that are no shorter. */
  public SegmentList atLeast(long durationNs) {
    return new SegmentList(
        segments.stream().filter(segment -> segment.durationNs() >= durationNs).toList());
  }

  /** The part of {@code span} that is not covered. */
  public SegmentList complement(Segment span) {
    List<Segment> gaps = new ArrayList<>();
    long fromNs = span.startNs();
    for (Segment segment : segments) {
      if (segment.intersects(span)) {
        if (segment.startNs() > fromNs) {
          gaps.add(new Segment(fromNs, segment.startNs()));
        }
        fromNs = segment.endNs();
      }
    }
    if (fromNs < span.endNs()) {
      gaps.add(new Segment(fromNs, span.endNs()));
    }
    return new SegmentList(gaps);
  }

  private static List<Segment> joined(List<Segment> segments) {
    List<Segment> joined = new ArrayList<>(segments.size());
    for (Segment next : segments.stream().sorted().toList()) {
      Segment last = joined.isEmpty() ? next : joined.getLast();
      if (joined.isEmpty() || next.startNs() > last.endNs()) {
        joined.add(next);
      } else if (next.endNs() > last.endNs()) {
        joined.set(joined.size() - 1, new Segment(last.startNs(), next.endNs()));
      }
    }
    return List.copyOf(joined);
  }
}
