package org.etalon.strain.signal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Divides a digital filter into second-order sections, each a pair of poles with the zeros nearest
 * to them, the pair nearest the unit circle last: SciPy's {@code zpk2sos(pairing="nearest")}. Used
 * once, by one thread.
 */
final class SectionPairing {
  /**
   * Two roots that differ by less, relative to their size, are a conjugate pair; a smaller
   * imaginary part is none.
   */
  private static final double TOLERANCE = 100 * Math.ulp(1.0);

  private final List<Complex> zeros;
  private final List<Complex> poles;

  private SectionPairing(List<Complex> zeros, List<Complex> poles) {
    this.zeros = zeros;
    this.poles = poles;
  }

  static SecondOrderSections sections(ZeroPoleGain filter) {
    var zeros = new ArrayList<Complex>(filter.zeros());
    var poles = new ArrayList<Complex>(filter.poles());
    if (poles.size() % 2 == 1) {
      poles.add(Complex.ZERO);
    }
    while (zeros.size() < poles.size()) {
      zeros.add(Complex.ZERO);
    }
    int count = poles.size() / 2;
    var pairing = new SectionPairing(upperHalf(zeros), upperHalf(poles));
    double[] coefficients = new double[6 * count];
    for (int section = count - 1; section >= 0; section--) {
      pairing.next(coefficients, 6 * section);
    }
    for (int i = 0; i < 3; i++) {
      coefficients[i] *= filter.gain();
    }
    return new SecondOrderSections(coefficients);
  }

  private void next(double[] coefficients, int at) {
    Complex pole = remove(poles, Comparator.comparingDouble(p -> Math.abs(1 - p.abs())));
    Comparator<Complex> toPole = Comparator.comparingDouble(z -> z.minus(pole).abs());
    Complex pole2 = pole.conjugate();
    if (isReal(pole)) {
      pole2 =
          remove(onlyReal(poles), poles, Comparator.comparingDouble(p -> Math.abs(1 - p.abs())));
    }
    Complex zero = remove(zeros, toPole);
    Complex zero2 = isReal(zero) ? remove(onlyReal(zeros), zeros, toPole) : zero.conjugate();
    polynomial(zero, zero2, coefficients, at);
    polynomial(pole, pole2, coefficients, at + 3);
  }

  private static void polynomial(Complex root, Complex root2, double[] target, int at) {
    target[at] = 1;
    target[at + 1] = -root.plus(root2).re();
    target[at + 2] = root.times(root2).re();
  }

  private static Complex remove(List<Complex> roots, Comparator<Complex> order) {
    return remove(roots, roots, order);
  }

  private static Complex remove(
      List<Complex> candidates, List<Complex> roots, Comparator<Complex> order) {
    Complex first = candidates.stream().min(order).orElseThrow();
    roots.remove(first);
    return first;
  }

  /** Real roots without their rounding, and of each conjugate pair the one above the real axis. */
  private static List<Complex> upperHalf(List<Complex> roots) {
    var result = new ArrayList<Complex>();
    for (Complex root : roots) {
      if (Math.abs(root.im()) <= TOLERANCE * root.abs()) {
        result.add(Complex.real(root.re()));
      } else if (root.im() > 0) {
        result.add(root);
      }
    }
    result.sort(Comparator.comparing((Complex c) -> isReal(c)).thenComparingDouble(Complex::re));
    return result;
  }

  private static boolean isReal(Complex root) {
    return root.im() == 0;
  }

  private static List<Complex> onlyReal(List<Complex> roots) {
    return roots.stream().filter(SectionPairing::isReal).toList();
  }
}
