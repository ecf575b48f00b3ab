package org.etalon.strain.waveform;

/**
 * The black hole that a merger leaves, and how it rings.
 *
 * @param ringdown frequency of the mode l = m = 2, times the binary's total mass, dimensionless
 * @param damping the mode's damping rate, over 2 pi, likewise
 */
record Remnant(double ringdown, double damping) {
  /**
   * Final spin and radiated energy: Husa et al. 2016, <a
   * href="https://arxiv.org/abs/1508.07250">arXiv:1508.07250</a>, equations 3.6 and 3.8.
   * Frequencies of the mode: the fits of Pratten et al. 2020, <a
   * href="https://arxiv.org/abs/2001.11412">arXiv:2001.11412</a>, to Berti's tables, which the
   * model's authors interpolate.
   */
  static Remnant of(BlackHoleBinary binary) {
    double eta = binary.symmetricMassRatio();
    double first = binary.mass1() / binary.totalMass();
    double second = binary.mass2() / binary.totalMass();
    double spin = first * first * binary.spin1() + second * second * binary.spin2();
    double a = finalSpin(eta, spin);
    double mass = 1 - radiated(eta, spin / (first * first + second * second));
    double[] top = {
      0.05947169566573468, -0.14989771215394762, 0.09535606290986028, 0.02260924869042963,
      -0.02501704155363241, -0.005852438240997211, 0.0027489038393367993, 0.0005821983163192694
    };
    double[] below = {
      1, -2.8570126619966296, 2.373335413978394, 0, -0.6036964688511505, 0, 0.0873798215084077
    };
    double[] dampedTop = {
      0.014158792290965177,
      -0.036989395871554566,
      0.026822526296575368,
      0.0008490933750566702,
      -0.004843996907020524,
      -0.00014745235759327472,
      0.0001504546201236794
    };
    double[] dampedBelow = {
      1, -2.5900842798681376, 1.8952576220623967, 0, -0.31416610693042507, 0, 0.009002719412204133
    };
    return new Remnant(
        Polynomial.at(top, a) / Polynomial.at(below, a) / mass,
        Polynomial.at(dampedTop, a) / Polynomial.at(dampedBelow, a) / mass);
  }

  private static double finalSpin(double eta, double s) {
    double orbital =
        Polynomial.at(
            new double[] {
              0, 3.4641016151377544, -4.399247300629289, 9.397292189321194, -13.180949901606242
            },
            eta);
    double[] powers = {
      orbital,
      1 + eta * (-0.0850917821418767 - 5.837029316602263 * eta),
      eta * (0.1014665242971878 - 2.0967746996832157 * eta),
      eta * (-1.3546806617824356 + 4.108962025369336 * eta),
      eta * (-0.8676969352555539 + 2.064046835273906 * eta)
    };
    return Polynomial.at(powers, s);
  }

  private static double radiated(double eta, double s) {
    double still =
        Polynomial.at(
            new double[] {
              0, 0.055974469826360077, 0.5809510763115132, -0.9606726679372312, 3.352411249771192
            },
            eta);
    double above = -0.0030302335878845507 + eta * (-2.0066110851351073 + 7.7050567802399215 * eta);
    double under = -0.6714403054720589 + eta * (-1.4756929437702908 + 7.304676214885011 * eta);
    return still * (1 + above * s) / (1 + under * s);
  }
}
