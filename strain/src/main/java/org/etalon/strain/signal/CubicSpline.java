package org.etalon.strain.signal;

import java.util.Arrays;

/**
 * The cubic spline through given points whose third derivative is continuous at the second and the
 * last but one ("not a knot"), as {@code scipy.interpolate.InterpolatedUnivariateSpline(x, y)};
 * through three, two or one points the polynomial of lower degree.
 *
 * <p>C. de Boor, A Practical Guide to Splines (1978), chapter IV. Nodes are fixed; {@link #fit}
 * takes one set of values after another. Owned by one thread.
 */
final class CubicSpline {
  private final double[] x;
  private final double[] step;
  private final double[] values;
  private final double[] curvature;
  private final double[] lower;
  private final double[] diagonal;
  private final double[] upper;

  /** Borrows ascending nodes. */
  CubicSpline(double[] x) {
    int n = x.length;
    this.x = x;
    this.step = new double[Math.max(n - 1, 0)];
    for (int i = 0; i < step.length; i++) {
      step[i] = x[i + 1] - x[i];
    }
    this.values = new double[n];
    this.curvature = new double[n];
    this.lower = new double[n];
    this.diagonal = new double[n];
    this.upper = new double[n];
    if (n >= 4) {
      factorize();
    }
  }

  static CubicSpline uniform(int size, double step) {
    double[] x = new double[size];
    for (int i = 0; i < size; i++) {
      x[i] = i * step;
    }
    return new CubicSpline(x);
  }

  /** Takes the values at the nodes. */
  void fit(double[] newValues) {
    System.arraycopy(newValues, 0, values, 0, values.length);
    int n = values.length;
    Arrays.fill(curvature, 0);
    if (n == 3) {
      Arrays.fill(curvature, 2 * (slope(1) - slope(0)) / (x[2] - x[0]));
    }
    if (n < 4) {
      return;
    }
    for (int i = 1; i < n - 1; i++) {
      curvature[i] = 6 * (slope(i) - slope(i - 1)) - lower[i] * curvature[i - 1];
    }
    for (int i = n - 2; i > 0; i--) {
      double known = i == n - 2 ? 0 : upper[i] * curvature[i + 1];
      curvature[i] = (curvature[i] - known) / diagonal[i];
    }
    curvature[0] = outer(step[0], step[1], curvature[1], curvature[2]);
    curvature[n - 1] = outer(step[n - 2], step[n - 3], curvature[n - 2], curvature[n - 3]);
  }

  /** The spline's value; beyond the nodes the outermost cubic goes on. */
  double at(double position) {
    if (x.length == 1) {
      return values[0];
    }
    int found = Arrays.binarySearch(x, position);
    int i = Math.clamp(found >= 0 ? found : -found - 2, 0, x.length - 2);
    double h = step[i];
    double a = (x[i + 1] - position) / h;
    double b = (position - x[i]) / h;
    double bend = (a * a * a - a) * curvature[i] + (b * b * b - b) * curvature[i + 1];
    return a * values[i] + b * values[i + 1] + bend * h * h / 6;
  }

  private double slope(int i) {
    return (values[i + 1] - values[i]) / step[i];
  }

  /**
   * The curvature at an end: the line through the next two, which lie {@code near} and {@code near
   * + far} away.
   */
  private static double outer(double near, double far, double next, double afterNext) {
    return next + (next - afterNext) * near / far;
  }

  /**
   * Gaussian elimination of the equations for the inner curvatures, the outer ones put in; {@link
   * #lower} keeps factors.
   */
  private void factorize() {
    int n = x.length;
    for (int i = 1; i < n - 1; i++) {
      double before = step[i - 1];
      double after = step[i];
      double below = i == 1 ? 0 : before;
      diagonal[i] = 2 * (before + after);
      upper[i] = after;
      if (i == 1) {
        diagonal[i] += before * (1 + before / after);
        upper[i] -= before * before / after;
      }
      if (i == n - 2) {
        diagonal[i] += after * (1 + after / before);
        below -= after * after / before;
      }
      if (i > 1) {
        lower[i] = below / diagonal[i - 1];
        diagonal[i] -= lower[i] * upper[i - 1];
      }
    }
  }
}
