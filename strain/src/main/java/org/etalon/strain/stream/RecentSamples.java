package org.etalon.strain.stream;

/**
 * The most recent samples of a series, each found by its number since the start. Those before the
 * start are zero. Owned by one thread.
 */
final class RecentSamples {
  private final int kept;
  private double[] values;

  /** Samples in {@link #values}, the newest last. */
  private int used;

  /** The number of the sample to come. */
  private long end;

  /**
   * @param kept how many samples behind the newest can be asked for, at least
   * @param start the number of the first sample
   */
  RecentSamples(int kept, long start) {
    this.kept = kept;
    this.values = new double[2 * kept + 256];
    this.used = kept;
    this.end = start;
  }

  /** Afterwards these, and as many before them as are kept, can be asked for. */
  void append(double[] source, int from, int count) {
    int at = makeRoom(count);
    System.arraycopy(source, from, values, at, count);
  }

  private int makeRoom(int count) {
    if (used + count > values.length) {
      double[] target = kept + count > values.length ? new double[kept + 2 * count + 256] : values;
      System.arraycopy(values, used - kept, target, 0, kept);
      values = target;
      used = kept;
    }
    int at = used;
    used += count;
    end += count;
    return at;
  }

  /** The number of the sample to come. */
  long end() {
    return end;
  }

  /** Where in {@link #array} a sample is, until the next one is appended. */
  int index(long number) {
    return used - Math.toIntExact(end - number);
  }

  double[] array() {
    return values;
  }
}
