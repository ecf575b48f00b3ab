package org.etalon.strain.signal;

/** A complex number, for filter design. */
record Complex(double re, double im) {
  static final Complex ZERO = new Complex(0, 0);
  static final Complex ONE = new Complex(1, 0);

  static Complex real(double value) {
    return new Complex(value, 0);
  }

  Complex plus(Complex other) {
    return new Complex(re + other.re, im + other.im);
  }

  Complex minus(Complex other) {
    return new Complex(re - other.re, im - other.im);
  }

  Complex times(Complex other) {
    return new Complex(re * other.re - im * other.im, re * other.im + im * other.re);
  }

  Complex times(double factor) {
    return new Complex(re * factor, im * factor);
  }

  Complex dividedBy(Complex other) {
    double norm = other.re * other.re + other.im * other.im;
    return new Complex(
        (re * other.re + im * other.im) / norm, (im * other.re - re * other.im) / norm);
  }

  Complex conjugate() {
    return new Complex(re, -im);
  }

  Complex negated() {
    return new Complex(-re, -im);
  }

  /** The root with a real part that is not negative. */
  Complex squareRoot() {
    double size = abs();
    double a = Math.sqrt((size + Math.abs(re)) / 2);
    if (a == 0) {
      return ZERO;
    }
    double b = Math.abs(im) / (2 * a);
    return re >= 0 ? new Complex(a, Math.copySign(b, im)) : new Complex(b, Math.copySign(a, im));
  }

  double abs() {
    return Math.hypot(re, im);
  }
}
