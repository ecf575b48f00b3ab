package org.etalon.strain.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CubicSplineTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 20})
  void reproducesThePolynomialThatItsPointsDetermine(int points) {
    var random = new Random(points);
    int degree = Math.min(points - 1, 3);
    double[] polynomial = new double[degree + 1];
    for (int i = 0; i <= degree; i++) {
      polynomial[i] = random.nextGaussian();
    }
    double[] x = new double[points];
    double[] y = new double[points];
    for (int i = 0; i < points; i++) {
      x[i] = i + 0.4 * random.nextDouble();
      y[i] = value(polynomial, x[i]);
    }
    var spline = new CubicSpline(x);
    spline.fit(y);

    for (double at = -1; at < points + 1; at += 0.13) {
      double expected = value(polynomial, at);
      assertThat(spline.at(at)).isCloseTo(expected, Offset.offset(1e-9 * (1 + Math.abs(expected))));
    }
  }

  private static double value(double[] polynomial, double x) {
    double value = 0;
    for (int i = polynomial.length - 1; i >= 0; i--) {
      value = value * x + polynomial[i];
    }
    return value;
  }
}
