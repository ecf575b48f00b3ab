package org.etalon.strain.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A filter by the zeros, poles and gain of its transfer function. Designs begin with an analog
 * low-pass of 1 rad/s, move it with one of the {@code to} transformations, and become digital by
 * {@link #bilinear}.
 *
 * <p>Transformations: A. V. Oppenheim and R. W. Schafer, Discrete-Time Signal Processing, 3rd ed.,
 * section 7.2 and appendix B (SciPy's {@code lp2lp_zpk}, {@code lp2hp_zpk}, {@code lp2bp_zpk},
 * {@code lp2bs_zpk} and {@code bilinear_zpk}).
 */
record ZeroPoleGain(List<Complex> zeros, List<Complex> poles, double gain) {

  ZeroPoleGain {
    zeros = List.copyOf(zeros);
    poles = List.copyOf(poles);
  }

  /** {@code s -> s / corner}. */
  ZeroPoleGain toLowpass(double corner) {
    UnaryOperator<Complex> scale = root -> root.times(corner);
    return new ZeroPoleGain(
        map(zeros, scale), map(poles, scale), gain * Math.pow(corner, degree()));
  }

  /** {@code s -> corner / s}. */
  ZeroPoleGain toHighpass(double corner) {
    UnaryOperator<Complex> invert = root -> Complex.real(corner).dividedBy(root);
    List<Complex> moved = map(zeros, invert);
    append(moved, Complex.ZERO, degree());
    return new ZeroPoleGain(moved, map(poles, invert), gain * gainAt(Complex.ZERO));
  }

  /** {@code s -> (s^2 + center^2) / (width s)}. */
  ZeroPoleGain toBandpass(double center, double width) {
    UnaryOperator<Complex> scale = root -> root.times(width / 2);
    List<Complex> moved = split(map(zeros, scale), center);
    append(moved, Complex.ZERO, degree());
    return new ZeroPoleGain(
        moved, split(map(poles, scale), center), gain * Math.pow(width, degree()));
  }

  /** {@code s -> width s / (s^2 + center^2)}. */
  ZeroPoleGain toBandstop(double center, double width) {
    UnaryOperator<Complex> invert = root -> Complex.real(width / 2).dividedBy(root);
    List<Complex> moved = split(map(zeros, invert), center);
    append(moved, new Complex(0, center), degree());
    append(moved, new Complex(0, -center), degree());
    return new ZeroPoleGain(moved, split(map(poles, invert), center), gain * gainAt(Complex.ZERO));
  }

  /**
   * The digital filter, {@code s -> doubleRate (z - 1) / (z + 1)}, where {@code doubleRate} is
   * twice the sample rate.
   */
  ZeroPoleGain bilinear(double doubleRate) {
    Complex rate = Complex.real(doubleRate);
    UnaryOperator<Complex> move = root -> rate.plus(root).dividedBy(rate.minus(root));
    List<Complex> moved = map(zeros, move);
    append(moved, Complex.real(-1), degree());
    return new ZeroPoleGain(moved, map(poles, move), gain * gainAt(rate));
  }

  /** The real part of the product of {@code s - zeros} over that of {@code s - poles}. */
  private double gainAt(Complex s) {
    Complex numerator = Complex.ONE;
    for (Complex zero : zeros) {
      numerator = numerator.times(s.minus(zero));
    }
    Complex denominator = Complex.ONE;
    for (Complex pole : poles) {
      denominator = denominator.times(s.minus(pole));
    }
    return numerator.dividedBy(denominator).re();
  }

  private int degree() {
    return poles.size() - zeros.size();
  }

  private static List<Complex> split(List<Complex> roots, double center) {
    var result = new ArrayList<Complex>();
    for (int sign = 1; sign >= -1; sign -= 2) {
      for (Complex root : roots) {
        Complex offset = root.times(root).minus(Complex.real(center * center)).squareRoot();
        result.add(root.plus(offset.times(sign)));
      }
    }
    return result;
  }

  private static List<Complex> map(List<Complex> roots, UnaryOperator<Complex> change) {
    var result = new ArrayList<Complex>();
    for (Complex root : roots) {
      result.add(change.apply(root));
    }
    return result;
  }

  private static void append(List<Complex> roots, Complex root, int count) {
    for (int i = 0; i < count; i++) {
      roots.add(root);
    }
  }
}
