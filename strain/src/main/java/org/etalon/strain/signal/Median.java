package org.etalon.strain.signal;

/** The median by selection, in linear time. */
final class Median {
  private Median() {}

  /**
   * The median of finite values; the mean of the middle two for even numbers. Reorders {@code
   * values}.
   */
  static double of(double[] values) {
    int middle = values.length / 2;
    select(values, middle);
    if (values.length % 2 == 1) {
      return values[middle];
    }
    double below = values[0];
    for (int i = 1; i < middle; i++) {
      below = Math.max(below, values[i]);
    }
    return (below + values[middle]) / 2;
  }

  /**
   * Hoare's selection: afterwards no value before {@code rank} is larger, and none after it
   * smaller.
   */
  private static void select(double[] values, int rank) {
    int low = 0;
    int high = values.length - 1;
    while (low < high) {
      double pivot = middleOfThree(values[low], values[(low + high) >>> 1], values[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (values[i] < pivot) {
          i++;
        }
        while (values[j] > pivot) {
          j--;
        }
        if (i <= j) {
          double swapped = values[i];
          values[i++] = values[j];
          values[j--] = swapped;
        }
      }
      if (rank <= j) {
        high = j;
      } else if (rank >= i) {
        low = i;
      } else {
        return;
      }
    }
  }

  private static double middleOfThree(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
