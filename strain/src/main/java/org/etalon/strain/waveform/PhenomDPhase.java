package org.etalon.strain.waveform;

import static org.etalon.strain.waveform.PhenomDFit.ALPHA_1;
import static org.etalon.strain.waveform.PhenomDFit.ALPHA_2;
import static org.etalon.strain.waveform.PhenomDFit.ALPHA_3;
import static org.etalon.strain.waveform.PhenomDFit.ALPHA_4;
import static org.etalon.strain.waveform.PhenomDFit.ALPHA_5;
import static org.etalon.strain.waveform.PhenomDFit.BETA_1;
import static org.etalon.strain.waveform.PhenomDFit.BETA_2;
import static org.etalon.strain.waveform.PhenomDFit.BETA_3;
import static org.etalon.strain.waveform.PhenomDFit.SIGMA_1;
import static org.etalon.strain.waveform.PhenomDFit.SIGMA_2;
import static org.etalon.strain.waveform.PhenomDFit.SIGMA_3;
import static org.etalon.strain.waveform.PhenomDFit.SIGMA_4;

/**
 * The phase of {@link PhenomD} as a function of f = (total mass) x (frequency), continuous with its
 * slope. Equations of arXiv:1508.07253.
 */
final class PhenomDPhase {
  private static final double INSPIRAL_END = 0.018;
  private static final double EULER_GAMMA = 0.5772156649015329;

  private final double eta;
  private final Remnant remnant;
  private final double ringdownStart;

  /** Of powers of v = (pi f)^(1/3) from v^-5 on, equation 27, without logarithms. */
  private final double[] newtonian = new double[8];

  private double fifthLog;
  private double sixthLog;

  /** Calibrated coefficients, from number one on, as the equations count them. */
  private final double[] sigma;

  private final double[] beta;
  private final double[] alpha;

  /** Constant and slope that join each piece to the one before. */
  private final double[] intermediateJoin;

  private final double[] ringdownJoin;

  PhenomDPhase(BlackHoleBinary binary, double spin, Remnant remnant) {
    this.remnant = remnant;
    eta = binary.symmetricMassRatio();
    ringdownStart = 0.5 * remnant.ringdown();
    sigma = numbered(spin, SIGMA_1, SIGMA_2, SIGMA_3, SIGMA_4);
    beta = numbered(spin, BETA_1, BETA_2, BETA_3);
    alpha = numbered(spin, ALPHA_1, ALPHA_2, ALPHA_3, ALPHA_4, ALPHA_5);
    expand(binary);
    intermediateJoin =
        join(
            INSPIRAL_END,
            new double[] {inspiral(INSPIRAL_END), inspiralSlope(INSPIRAL_END)},
            new double[] {intermediate(INSPIRAL_END), intermediateSlope(INSPIRAL_END)});
    double[] before = {
      intermediate(ringdownStart) + intermediateJoin[0] + intermediateJoin[1] * ringdownStart,
      intermediateSlope(ringdownStart) + intermediateJoin[1]
    };
    ringdownJoin =
        join(
            ringdownStart,
            before,
            new double[] {ringdown(ringdownStart), ringdownSlope(ringdownStart)});
  }

  double at(double f) {
    if (f < INSPIRAL_END) {
      return inspiral(f);
    }
    return f < ringdownStart
        ? intermediate(f) + intermediateJoin[0] + intermediateJoin[1] * f
        : ringdown(f) + ringdownJoin[0] + ringdownJoin[1] * f;
  }

  /** The slope of the ringdown's phase without what joins it: the model's time, by its authors. */
  double ringdownSlope(double f) {
    double x = (f - alpha[5] * remnant.ringdown()) / remnant.damping();
    return (alpha[1]
            + alpha[2] / (f * f)
            + alpha[3] / Math.sqrt(Math.sqrt(f))
            + alpha[4] / (remnant.damping() * (1 + x * x)))
        / eta;
  }

  private double[] numbered(double spin, PhenomDFit... fits) {
    double[] numbered = new double[fits.length + 1];
    for (int i = 0; i < fits.length; i++) {
      numbered[i + 1] = fits[i].at(eta, spin);
    }
    return numbered;
  }

  private static double[] join(double f, double[] before, double[] after) {
    double slope = before[1] - after[1];
    return new double[] {before[0] - after[0] - slope * f, slope};
  }

  /** Equation 28. */
  private double inspiral(double f) {
    double v = Math.cbrt(Math.PI * f);
    double log = Math.log(v);
    double series = Polynomial.at(newtonian, v) + (fifthLog + sixthLog * v) * log * Math.pow(v, 5);
    double root = Math.cbrt(f);
    double calibrated =
        f * (sigma[1] + 0.75 * sigma[2] * root + 0.6 * sigma[3] * root * root + 0.5 * sigma[4] * f);
    return -Math.PI / 4 + (3.0 / 128 * series / Math.pow(v, 5) + calibrated) / eta;
  }

  private double inspiralSlope(double f) {
    double v = Math.cbrt(Math.PI * f);
    double log = Math.log(v);
    double slope = 0;
    for (int i = 0; i < newtonian.length; i++) {
      slope += (i - 5) * newtonian[i] * Math.pow(v, i - 6);
    }
    slope += fifthLog / v + sixthLog * (log + 1);
    double root = Math.cbrt(f);
    double calibrated = sigma[1] + sigma[2] * root + sigma[3] * root * root + sigma[4] * f;
    return (3.0 / 128 * slope * Math.PI / (3 * v * v) + calibrated) / eta;
  }

  /** Equation 16. */
  private double intermediate(double f) {
    return (beta[1] * f + beta[2] * Math.log(f) - beta[3] / (3 * f * f * f)) / eta;
  }

  private double intermediateSlope(double f) {
    return (beta[1] + beta[2] / f + beta[3] / (f * f * f * f)) / eta;
  }

  /** Equation 14. */
  private double ringdown(double f) {
    double x = (f - alpha[5] * remnant.ringdown()) / remnant.damping();
    return (alpha[1] * f
            - alpha[2] / f
            + 4.0 / 3 * alpha[3] * Math.pow(f, 0.75)
            + alpha[4] * Math.atan(x))
        / eta;
  }

  /**
   * The post-Newtonian series: without spin Buonanno et al. 2009, arXiv:0907.0700, equation 3.18;
   * with spin Bohe et al. 2013, arXiv:1303.7412, equations 3.15 and 3.16, and at second order
   * arXiv:0810.5336, equation 6.24. The spin-spin term of third order is left out, as when the
   * model was calibrated.
   */
  private void expand(BlackHoleBinary binary) {
    double first = binary.mass1() / binary.totalMass();
    double second = binary.mass2() / binary.totalMass();
    double s1 = first * first * binary.spin1();
    double s2 = second * second * binary.spin2();
    double total = s1 + s2;
    double tilted = (first - second) * (second * binary.spin2() - first * binary.spin1());
    double squares =
        eta * 474.0 / 48 * binary.spin1() * binary.spin2()
            + (719.0 - 233) / 96 * (s1 * binary.spin1() + s2 * binary.spin2());
    double gamma =
        (554345.0 / 1134 + 110 * eta / 9) * total + (13915.0 / 84 - 10 * eta / 3) * tilted;
    double pi = Math.PI;
    newtonian[0] = 1;
    newtonian[2] = 5 * (743.0 / 84 + 11 * eta) / 9;
    newtonian[3] = -16 * pi + 188 * total / 3 + 25 * tilted;
    newtonian[4] = 5 * (3058.673 / 7.056 + 5429.0 / 7 * eta + 617 * eta * eta) / 72 - 10 * squares;
    newtonian[5] = 5.0 / 9 * (7729.0 / 84 - 13 * eta) * pi - gamma;
    fifthLog = 5.0 / 3 * (7729.0 / 84 - 13 * eta) * pi - 3 * gamma;
    newtonian[6] = sixth() + pi * (3760 * total + 1490 * tilted) / 3;
    sixthLog = -6848.0 / 21;
    newtonian[7] =
        pi * (77096675.0 / 254016 + 378515.0 / 1512 * eta - 74045.0 / 756 * eta * eta)
            + (-8980424995.0 / 762048 + 6586595.0 / 756 * eta - 305.0 / 36 * eta * eta) * total
            - (170978035.0 / 48384 - 2876425.0 / 672 * eta - 4735.0 / 144 * eta * eta) * tilted;
  }

  private double sixth() {
    double pi2 = Math.PI * Math.PI;
    return 11583.231236531 / 4.694215680
        - 640.0 / 3 * pi2
        - 6848.0 / 21 * (EULER_GAMMA + Math.log(4))
        + eta * (-15737.765635 / 3.048192 + 2255.0 / 12 * pi2)
        + eta * eta * 76055.0 / 1728
        - eta * eta * eta * 127825.0 / 1296;
  }
}
