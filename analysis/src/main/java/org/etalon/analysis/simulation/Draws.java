package org.etalon.analysis.simulation;

import java.util.SplittableRandom;

/**
 * Random numbers of one part of a simulation. Normal ones come from Box and Muller's method with
 * {@link StrictMath}, since the JDK does not promise its own to stay the same.
 */
final class Draws {
  private final SplittableRandom random;
  private double spare;
  private boolean hasSpare;

  private Draws(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The sequence of a part, by its name, and of one of its pieces. */
  static Draws of(long seed, String part, long piece) {
    long state = seed;
    for (int i = 0; i < part.length(); i++) {
      state = mixed(state + part.charAt(i));
    }
    return new Draws(mixed(state ^ mixed(piece)));
  }

  double uniform(double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  double normal() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    double angle = 2 * Math.PI * random.nextDouble();
    spare = radius * StrictMath.sin(angle);
    hasSpare = true;
    return radius * StrictMath.cos(angle);
  }

  /** The finaliser of SplitMix64 (Steele et al. 2014), on a step of the golden ratio. */
  private static long mixed(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
