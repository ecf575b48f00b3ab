package org.etalon.strain.waveform;

/**
 * The amplitude of {@link PhenomD} over its leading term, as a function of f = (total mass) x
 * (frequency). Equations of arXiv:1508.07253.
 */
final class PhenomDAmplitude {
  private static final double INSPIRAL_END = 0.014;

  /** Of powers of f^(1/3), the series of equation 30. */
  private final double[] inspiral;

  /** Of powers of f / {@link #peak}, equation 21. */
  private final double[] intermediate;

  private final Remnant remnant;
  private final double gamma1;
  private final double gamma2;
  private final double gamma3;
  private final double peak;

  PhenomDAmplitude(BlackHoleBinary binary, double spin, Remnant remnant) {
    double eta = binary.symmetricMassRatio();
    this.remnant = remnant;
    gamma1 = PhenomDFit.GAMMA_1.at(eta, spin);
    gamma2 = PhenomDFit.GAMMA_2.at(eta, spin);
    gamma3 = PhenomDFit.GAMMA_3.at(eta, spin);
    peak = peak();
    inspiral = inspiral(binary, spin);
    intermediate = intermediate(PhenomDFit.V_2.at(eta, spin));
  }

  /** Where the amplitude of the ringdown is largest; time zero belongs to it. Equation 20. */
  double peakFrequency() {
    return peak;
  }

  double at(double f) {
    if (f <= INSPIRAL_END) {
      return Polynomial.at(inspiral, Math.cbrt(f));
    }
    return f < peak ? Polynomial.at(intermediate, f / peak) : ringdown(f);
  }

  private double peak() {
    // The paper's root becomes imaginary for gamma2 above one, where its authors leave it out.
    double root = gamma2 <= 1 ? Math.sqrt(1 - gamma2 * gamma2) : 0;
    return Math.abs(remnant.ringdown() + remnant.damping() * (root - 1) * gamma3 / gamma2);
  }

  /** Equation 19. */
  private double ringdown(double f) {
    double width = remnant.damping() * gamma3;
    double x = f - remnant.ringdown();
    return gamma1 * width / (x * x + width * width) * Math.exp(-gamma2 * x / width);
  }

  private double ringdownSlope(double f) {
    double width = remnant.damping() * gamma3;
    double x = f - remnant.ringdown();
    return ringdown(f) * (-gamma2 / width - 2 * x / (x * x + width * width));
  }

  /** Equations 22 to 27: value and slope at both ends, and a calibrated value between. */
  private double[] intermediate(double middleValue) {
    double start = INSPIRAL_END / peak;
    double middle = (start + 1) / 2;
    double root = Math.cbrt(INSPIRAL_END);
    double startSlope = Polynomial.slopeAt(inspiral, root) / (3 * root * root) * peak;
    double[][] rows = {
      value(start, Polynomial.at(inspiral, root)),
      value(middle, middleValue),
      value(1, ringdown(peak)),
      slope(start, startSlope),
      slope(1, ringdownSlope(peak) * peak)
    };
    return Polynomial.solve(rows);
  }

  private static double[] value(double x, double value) {
    return new double[] {1, x, x * x, x * x * x, x * x * x * x, value};
  }

  private static double[] slope(double x, double slope) {
    return new double[] {0, 1, 2 * x, 3 * x * x, 4 * x * x * x, slope};
  }

  /** Equation 30 with the post-Newtonian coefficients of appendix B, and three calibrated ones. */
  private static double[] inspiral(BlackHoleBinary binary, double spin) {
    double eta = binary.symmetricMassRatio();
    double chi1 = binary.spin1();
    double chi2 = binary.spin2();
    double delta = Math.sqrt(Math.max(0, 1 - 4 * eta));
    double root = Math.cbrt(Math.PI);
    double[] c = new double[10];
    c[0] = 1;
    c[2] = root * root * (-323.0 / 224 + 451 * eta / 168);
    c[3] =
        Math.PI
            * (chi1 * (27 * delta / 16 - 11 * eta / 12 + 27.0 / 16)
                + chi2 * (-27 * delta / 16 - 11 * eta / 12 + 27.0 / 16));
    c[4] = Math.pow(root, 4) * fourth(eta, delta, chi1, chi2);
    c[5] = Math.pow(root, 5) * fifth(eta, delta, chi1, chi2);
    c[6] = Math.PI * Math.PI * sixth(eta, delta, chi1, chi2);
    c[7] = PhenomDFit.RHO_1.at(eta, spin);
    c[8] = PhenomDFit.RHO_2.at(eta, spin);
    c[9] = PhenomDFit.RHO_3.at(eta, spin);
    return c;
  }

  /** Appendix B, equation B8, over one denominator. */
  private static double fourth(double eta, double delta, double chi1, double chi2) {
    double squares = 857304 * (chi1 * chi1 + chi2 * chi2) - 994896 * chi1 * chi2;
    return (-27312085
            - 10287648 * (chi1 * chi1 * (1 + delta) + chi2 * chi2 * (1 - delta))
            + 24 * eta * (squares - 1975055)
            + 35371056 * eta * eta)
        / 8128512;
  }

  /** Appendix B, equation B9, over one denominator. */
  private static double fifth(double eta, double delta, double chi1, double chi2) {
    double first = 285197 * (1 + delta) - 4 * eta * (91902 + 1579 * delta) - 35632 * eta * eta;
    double second = 285197 * (1 - delta) - 4 * eta * (91902 - 1579 * delta) - 35632 * eta * eta;
    return (chi1 * first + chi2 * second + 42840 * Math.PI * (4 * eta - 1)) / 32256;
  }

  /** Appendix B, equation B10, over one denominator. */
  private static double sixth(double eta, double delta, double chi1, double chi2) {
    double still =
        -177520268561.0
            + 107414046432.0 * (chi1 * chi1 * (1 + delta) + chi2 * chi2 * (1 - delta))
            + 11087290368.0 * Math.PI * (chi1 * (1 + delta) + chi2 * (1 - delta));
    double linear =
        -545384828789.0
            - 176491177632.0 * chi1 * chi2
            + chi1 * chi1 * (202603761360.0 + 77287373856.0 * delta)
            + chi2 * chi2 * (202603761360.0 - 77287373856.0 * delta)
            + 5841690624.0 * Math.PI * (chi1 + chi2)
            + 21384760320.0 * Math.PI * Math.PI;
    double square =
        -3248849057.0 + 2943675504.0 * (chi1 * chi1 + chi2 * chi2) - 3339284256.0 * chi1 * chi2;
    return -(-336 * eta * eta * square
            - 324322727232.0 * eta * eta * eta
            - 7 * still
            + 12 * eta * linear)
        / 60085960704.0;
  }
}
