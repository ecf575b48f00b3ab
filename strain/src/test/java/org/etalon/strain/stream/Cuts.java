package org.etalon.strain.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Ways to cut a series into updates. */
final class Cuts {
  private Cuts() {}

  /** Random multiples of {@code unit} that add up to {@code total}. */
  static List<Integer> random(int total, int unit, int most, long seed) {
    Random random = new Random(seed);
    List<Integer> sizes = new ArrayList<>();
    int left = total / unit;
    while (left > 0) {
      int next = Math.min(left, 1 + random.nextInt(most));
      sizes.add(next * unit);
      left -= next;
    }
    return sizes;
  }

  static double[] noise(int size, long seed) {
    Random random = new Random(seed);
    double[] noise = new double[size];
    for (int i = 0; i < size; i++) {
      noise[i] = random.nextGaussian();
    }
    return noise;
  }
}
