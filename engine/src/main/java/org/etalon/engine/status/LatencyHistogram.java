package org.etalon.engine.status;

/** How often which latency was seen, in {@link LatencyBuckets}. Immutable. */
public final class LatencyHistogram {
  /** Nothing seen. */
  public static final LatencyHistogram EMPTY =
      new LatencyHistogram(new long[LatencyBuckets.COUNT], 0);

  private final long[] counts;
  private final long count;
  private final long nanos;

  private LatencyHistogram(long[] counts, long nanos) {
    this.counts = counts;
    this.nanos = nanos;
    long sum = 0;
    for (long inBucket : counts) {
      sum += inBucket;
    }
    this.count = sum;
  }

  /**
   * @param counts how many fell in each bucket; copied
   * @param nanos their sum
   */
  public static LatencyHistogram of(long[] counts, long nanos) {
    if (counts.length != LatencyBuckets.COUNT) {
      throw new IllegalArgumentException(
          "counts: " + counts.length + " (expected: " + LatencyBuckets.COUNT + ")");
    }
    return new LatencyHistogram(counts.clone(), nanos);
  }

  /** How many were seen. */
  public long count() {
    return count;
  }

  /** Their sum. */
  public long nanos() {
    return nanos;
  }

  /**
   * How many took at most that long; exact if it is a bucket's bound, as is every multiple of a
   * tenth of its power of ten, such as 25 us.
   */
  public long countUpTo(long bound) {
    long sum = 0;
    for (int i = 0; i < counts.length && LatencyBuckets.upperNanos(i) <= bound; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /**
   * The latency that this share of all took at most, between the bounds of its bucket; NaN where
   * nothing was seen.
   *
   * @param share 0 to 1
   */
  public double quantileNanos(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    double rank = share * count;
    long below = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= rank) {
        return between(i, (rank - below) / counts[i]);
      }
      below += counts[i];
    }
    throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
  }

  private static double between(int bucket, double share) {
    double lower = LatencyBuckets.lowerNanos(bucket);
    if (bucket == LatencyBuckets.COUNT - 1) {
      return lower; // how far above is not known
    }
    return lower + share * (LatencyBuckets.upperNanos(bucket) - lower);
  }

  /**
   * What was seen since an earlier state of the same counts; all of this if that one is of counts
   * that have started anew.
   */
  public LatencyHistogram since(LatencyHistogram earlier) {
    long[] difference = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      difference[i] = counts[i] - earlier.counts[i];
      if (difference[i] < 0) {
        return this;
      }
    }
    return new LatencyHistogram(difference, nanos - earlier.nanos);
  }
}
