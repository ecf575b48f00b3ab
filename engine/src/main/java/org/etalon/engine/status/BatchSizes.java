package org.etalon.engine.status;

import java.util.List;

/**
 * How often batches of which size were run.
 *
 * @param counts of the sizes up to 1, 2, 4, ... {@link #MAX_BOUND}, each without those below, and
 *     at the end of those above
 * @param rows of all together
 */
public record BatchSizes(List<Long> counts, long rows) {
  /** How many bounds there are. */
  public static final int BOUNDS = 13;

  /** The largest of them. */
  public static final int MAX_BOUND = 1 << (BOUNDS - 1);

  public BatchSizes {
    counts = List.copyOf(counts);
    if (counts.size() != BOUNDS + 1) {
      throw new IllegalArgumentException(
          "counts: " + counts.size() + " (expected: " + (BOUNDS + 1) + ")");
    }
  }

  /** Where a size is counted. */
  public static int indexOf(int rows) {
    return Math.min(BOUNDS, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, rows) - 1));
  }

  /** How many there were. */
  public long count() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
