package org.etalon.strain;

import java.util.Optional;

/**
 * A half-open span of GPS time, {@code [startNs, endNs)}.
 *
 * @param startNs first instant, in GPS nanoseconds
 * @param endNs first instant after the span, in GPS nanoseconds
 */
public record Segment(long startNs, long endNs) implements Comparable<Segment> {
  public Segment {
    if (endNs <= startNs) {
      throw new IllegalArgumentException(
          "endNs: " + endNs + " (expected: > startNs=" + startNs + ")");
    }
  }

  /** Whole seconds, {@code [startSeconds, endSeconds)}. */
  public static Segment ofSeconds(long startSeconds, long endSeconds) {
    return new Segment(GpsTime.ofSeconds(startSeconds), GpsTime.ofSeconds(endSeconds));
  }

  public long durationNs() {
    return endNs - startNs;
  }

  public boolean contains(long gpsNs) {
    return startNs <= gpsNs && gpsNs < endNs;
  }

  public boolean contains(Segment other) {
    return startNs <= other.startNs && other.endNs <= endNs;
  }

  /** Whether the two share an instant; spans that only touch do not. */
  public boolean intersects(Segment other) {
    return startNs < other.endNs && other.startNs < endNs;
  }

  /** What both cover; empty where they do not intersect. */
  public Optional<Segment> intersection(Segment other) {
    return intersects(other)
        ? Optional.of(new Segment(Math.max(startNs, other.startNs), Math.min(endNs, other.endNs)))
        : Optional.empty();
  }

  /** By start, then by end. */
  @Override
  public int compareTo(Segment other) {
    int byStart = Long.compare(startNs, other.startNs);
    return byStart != 0 ? byStart : Long.compare(endNs, other.endNs);
  }

  /** {@code [1126259446, 1126259478)}, in GPS seconds. */
  @Override
  public String toString() {
    return "[" + GpsTime.format(startNs) + ", " + GpsTime.format(endNs) + ")";
  }
}
