package org.etalon.strain.waveform;

/**
 * The frequency-domain waveform IMRPhenomD: inspiral, merger and ringdown of two black holes with
 * aligned spins, the modes l = 2, m = +-2 (Khan et al. 2016, <a
 * href="https://arxiv.org/abs/1508.07253">arXiv:1508.07253</a>). What public networks are often
 * trained with.
 *
 * <p>Fourier transforms are {@code sum h(t) exp(-2 pi i f t) dt}; the merger is at time zero.
 * Immutable.
 */
public final class PhenomD {
  /** Metres of a million parsecs. */
  private static final double MEGAPARSEC = 3.085677581491367e22;

  private static final double LIGHT = 299792458.0;

  /** Above it the model's authors take the amplitude for zero. */
  private static final double END = 0.2;

  private final double seconds;
  private final double scale;
  private final PhenomDAmplitude amplitude;
  private final PhenomDPhase phase;
  private final double timeShift;
  private final double referencePhase;

  private PhenomD(BlackHoleBinary binary, double referenceHz) {
    double eta = binary.symmetricMassRatio();
    double delta = Math.sqrt(Math.max(0, 1 - 4 * eta));
    double symmetric = (binary.spin1() + binary.spin2()) / 2;
    double odd = (binary.spin1() - binary.spin2()) / 2;
    double spin = symmetric * (1 - eta * 76 / 113) + delta * odd; // equation 4, as chi_PN
    Remnant remnant = Remnant.of(binary);
    seconds = binary.totalSeconds();
    amplitude = new PhenomDAmplitude(binary, spin, remnant);
    phase = new PhenomDPhase(binary, spin, remnant);
    // Equation 17 and the l = 2, m = 2 harmonic seen along the orbit's axis.
    scale =
        2
            * Math.sqrt(5 / (64 * Math.PI))
            * seconds
            * seconds
            * LIGHT
            / MEGAPARSEC
            * Math.sqrt(2.0 / 3 * eta)
            * Math.pow(Math.PI, -1.0 / 6);
    timeShift = phase.ringdownSlope(amplitude.peakFrequency());
    referencePhase = phase.at(referenceHz * seconds) - timeShift * referenceHz * seconds;
  }

  /**
   * @param referenceHz where the phase of an orbit seen along its axis is zero
   */
  public static PhenomD of(BlackHoleBinary binary, double referenceHz) {
    return new PhenomD(binary, referenceHz);
  }

  /** The amplitude at a distance of 1 Mpc, seen along the orbit's axis, in 1/Hz. */
  public double amplitude(double frequencyHz) {
    double f = frequencyHz * seconds;
    return f > 0 && f < END ? scale * Math.pow(f, -7.0 / 6) * amplitude.at(f) : 0;
  }

  /** The phase, in radians: the plus polarisation is {@code amplitude x exp(-i phase)}. */
  public double phase(double frequencyHz) {
    double f = frequencyHz * seconds;
    return phase.at(f) - timeShift * f - referencePhase;
  }

  /** Where the amplitude vanishes, in hertz. */
  public double endHz() {
    return END / seconds;
  }
}
