package org.etalon.strain.waveform;

/**
 * Two black holes on a circular orbit with spins along its axis.
 *
 * @param mass1 of the heavier, in solar masses, as the detector sees it (redshifted)
 * @param mass2 of the other
 * @param spin1 dimensionless, of the heavier, from -1 to 1; negative: against the orbit
 */
public record BlackHoleBinary(double mass1, double mass2, double spin1, double spin2) {
  /** GM/c^3 of the Sun, in seconds (IAU 2015 nominal solar mass parameter). */
  static final double SUN_SECONDS = 4.925490947641267e-6;

  private static final double MOST_UNEQUAL = 18;

  public BlackHoleBinary {
    if (!(mass2 > 0 && mass1 >= mass2 && Double.isFinite(mass1))) {
      throw new IllegalArgumentException(
          "masses: %s and %s (expected: above 0, the heavier first)".formatted(mass1, mass2));
    }
    if (!(Math.abs(spin1) <= 1 && Math.abs(spin2) <= 1)) {
      throw new IllegalArgumentException(
          "spins: %s and %s (expected: from -1 to 1)".formatted(spin1, spin2));
    }
    if (mass1 > MOST_UNEQUAL * mass2) {
      throw new IllegalArgumentException(
          "masses: %s and %s (expected: a ratio up to %s, for which the model is calibrated)"
              .formatted(mass1, mass2, MOST_UNEQUAL));
    }
  }

  public double totalMass() {
    return mass1 + mass2;
  }

  /** The total mass in seconds. */
  double totalSeconds() {
    return totalMass() * SUN_SECONDS;
  }

  /** m1 m2 / (m1 + m2)^2. */
  double symmetricMassRatio() {
    return Math.min(0.25, mass1 * mass2 / totalMass() / totalMass());
  }

  public double chirpMass() {
    return totalMass() * Math.pow(symmetricMassRatio(), 0.6);
  }

  /** How long it takes from a frequency to the merger, in seconds, to lowest order. */
  public double chirpSeconds(double frequencyHz) {
    double mass = chirpMass() * SUN_SECONDS;
    return 5.0 / 256 * mass * Math.pow(Math.PI * mass * frequencyHz, -8.0 / 3);
  }
}
