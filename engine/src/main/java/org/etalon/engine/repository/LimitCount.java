package org.etalon.engine.repository;

/** Counts how often a limit was broken, and says when that is too often. Guarded by its owner. */
public final class LimitCount {
  private final String name;
  private final double limit;
  private final double fraction;
  private final long fewest;
  private long all;
  private long broken;
  private double worst;

  /**
   * @param fraction of all values that may be above the limit; 0: none
   * @param fewest so many values are taken for as many while there are less, so that one early miss
   *     proves nothing unless none is allowed
   */
  public LimitCount(String name, double limit, double fraction, long fewest) {
    this.name = name;
    this.limit = limit;
    this.fraction = fraction;
    this.fewest = fewest;
  }

  /** Takes one value into account. */
  public void add(double value) {
    all++;
    worst = Math.max(worst, value);
    if (!isWithin(value)) {
      broken++;
    }
  }

  /** True if a value keeps to the limit. */
  public boolean isWithin(double value) {
    return value <= limit; // and is a number
  }

  /** True if too many were above the limit already. */
  public boolean isBroken() {
    return broken > allowed();
  }

  private long allowed() {
    return (long) Math.floor(fraction * Math.max(all, fewest));
  }

  /** Such as {@code score shift: 3 of 120 above 0.1, the greatest 0.4 (expected: at most 1)}. */
  public String text() {
    return "%s: %d of %d above %s, the greatest %.4g (expected: at most %d)"
        .formatted(name, broken, all, limit, worst, allowed());
  }
}
