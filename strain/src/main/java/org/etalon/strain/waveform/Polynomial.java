package org.etalon.strain.waveform;

/** Polynomials, given by their coefficients from the constant one on. */
final class Polynomial {
  private Polynomial() {}

  static double at(double[] coefficients, double x) {
    double value = 0;
    for (int i = coefficients.length - 1; i >= 0; i--) {
      value = value * x + coefficients[i];
    }
    return value;
  }

  static double slopeAt(double[] coefficients, double x) {
    double value = 0;
    for (int i = coefficients.length - 1; i >= 1; i--) {
      value = value * x + i * coefficients[i];
    }
    return value;
  }

  /**
   * The solution of a small system of linear equations, by elimination with pivots.
   *
   * @param rows the equations, each with its right side last; overwritten
   */
  static double[] solve(double[][] rows) {
    int size = rows.length;
    for (int column = 0; column < size; column++) {
      int pivot = column;
      for (int row = column + 1; row < size; row++) {
        pivot = Math.abs(rows[row][column]) > Math.abs(rows[pivot][column]) ? row : pivot;
      }
      double[] chosen = rows[pivot];
      rows[pivot] = rows[column];
      rows[column] = chosen;
      for (int row = 0; row < size; row++) {
        double factor = row == column ? 0 : rows[row][column] / chosen[column];
        for (int i = column; i <= size; i++) {
          rows[row][i] -= factor * chosen[i];
        }
      }
    }
    double[] solution = new double[size];
    for (int i = 0; i < size; i++) {
      solution[i] = rows[i][size] / rows[i][i];
    }
    return solution;
  }
}
