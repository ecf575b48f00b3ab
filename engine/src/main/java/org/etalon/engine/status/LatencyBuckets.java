package org.etalon.engine.status;

/**
 * The fixed buckets that latencies are counted in: ninety of equal width in each decade from 1 us
 * to 100 s, one below and one above.
 *
 * <p>Fixed, so that counts of any number of servers and of any two moments add up and subtract;
 * decimal, so that a round bound such as 2.5 ms is a bucket's bound and its count exact; fine
 * enough that a quantile read from them is within 10 % (binary buckets, as in HdrHistogram, are a
 * little cheaper to find and have no round bounds).
 */
public final class LatencyBuckets {
  private static final int DECADES = 8;
  private static final int IN_DECADE = 90;
  private static final int LAST = 1 + DECADES * IN_DECADE;

  /** How many there are. */
  public static final int COUNT = LAST + 1;

  private static final long[] BASE = new long[DECADES + 1];
  private static final long[] WIDTH = new long[DECADES];

  /** The decade of the least number with as many bits; those above are in it or the next. */
  private static final int[] DECADE_OF_BITS = new int[Long.SIZE + 1];

  static {
    long base = 1_000;
    for (int decade = 0; decade <= DECADES; decade++) {
      BASE[decade] = base;
      base *= 10;
    }
    for (int decade = 0; decade < DECADES; decade++) {
      WIDTH[decade] = BASE[decade] / 10;
    }
    for (int bits = 1; bits < Long.SIZE; bits++) {
      int decade = 0;
      while (decade < DECADES - 1 && BASE[decade + 1] <= 1L << (bits - 1)) {
        decade++;
      }
      DECADE_OF_BITS[bits] = decade;
    }
  }

  private LatencyBuckets() {}

  /** The bucket of a latency: the first whose upper bound is not less. */
  public static int indexOf(long nanos) {
    if (nanos <= BASE[0]) {
      return 0;
    }
    long below = nanos - 1;
    if (below >= BASE[DECADES]) {
      return LAST;
    }
    int decade = DECADE_OF_BITS[Long.SIZE - Long.numberOfLeadingZeros(below)];
    if (below >= BASE[decade + 1]) {
      decade++;
    }
    return 1 + decade * IN_DECADE + (int) ((below - BASE[decade]) / WIDTH[decade]);
  }

  /** The largest latency of a bucket; {@link Long#MAX_VALUE} of the last. */
  static long upperNanos(int index) {
    if (index == 0) {
      return BASE[0];
    }
    if (index == LAST) {
      return Long.MAX_VALUE;
    }
    int decade = (index - 1) / IN_DECADE;
    return BASE[decade] + ((index - 1) % IN_DECADE + 1) * WIDTH[decade];
  }

  /** Above what the latencies of a bucket lie. */
  static long lowerNanos(int index) {
    return index == 0 ? 0 : upperNanos(index - 1);
  }
}
