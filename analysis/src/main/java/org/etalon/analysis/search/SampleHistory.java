package org.etalon.analysis.search;

import java.util.Arrays;

/** The latest values of a series, each found by its number since the start. Owned by one thread. */
final class SampleHistory {
  private final int kept;
  private float[] values;
  private int used;
  private long end;

  /**
   * @param kept how many values behind the newest stay, at least
   */
  SampleHistory(int kept) {
    this.kept = kept;
    this.values = new float[2 * kept + 256];
  }

  void append(float[] more) {
    if (used + more.length > values.length) {
      int stay = Math.min(kept, used);
      float[] target =
          stay + more.length > values.length ? new float[kept + 2 * more.length + 256] : values;
      System.arraycopy(values, used - stay, target, 0, stay);
      values = target;
      used = stay;
    }
    System.arraycopy(more, 0, values, used, more.length);
    used += more.length;
    end += more.length;
  }

  /** The number of the value to come. */
  long end() {
    return end;
  }

  /** The number of the oldest that is still there. */
  long begin() {
    return end - used;
  }

  /** The values {@code [from, to)}, copied. */
  float[] copy(long from, long to) {
    int at = index(from);
    return Arrays.copyOfRange(values, at, at + Math.toIntExact(to - from));
  }

  private int index(long number) {
    if (number < begin() || number > end) {
      throw new IndexOutOfBoundsException(
          "value %d (there are: %d to %d)".formatted(number, begin(), end));
    }
    return Math.toIntExact(number - begin());
  }
}
