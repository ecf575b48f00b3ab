package org.etalon.analysis.simulation;

/**
 * What injections are drawn from: masses uniform, spins uniform and aligned, the sky and the
 * orbit's axis isotropic, network signal-to-noise ratio uniform, times uniform and apart from each
 * other.
 *
 * @param count injections
 * @param lightest, heaviest of component masses as detectors see them, in solar masses
 * @param largestSpin in magnitude
 * @param quietest, loudest network signal-to-noise ratio
 * @param apartSeconds between mergers, and of them from the ends
 */
public record Population(
    int count,
    double lightest,
    double heaviest,
    double largestSpin,
    double quietest,
    double loudest,
    double apartSeconds) {
  public Population {
    boolean isMasses = lightest > 0 && heaviest >= lightest && heaviest <= 18 * lightest;
    boolean isSpin = largestSpin >= 0 && largestSpin <= 1;
    boolean isSnr = quietest > 0 && loudest >= quietest;
    if (count < 0 || !isMasses || !isSpin || !isSnr || !(apartSeconds >= 0)) {
      throw new IllegalArgumentException(
          "injections: %d of %s to %s solar masses, spins to %s, SNR %s to %s, %s s apart (expected: 0 or more; ranges above 0 in order, masses within a ratio of 18; spins to 1)"
              .formatted(count, lightest, heaviest, largestSpin, quietest, loudest, apartSeconds));
    }
  }

  /** None. */
  public static Population none() {
    return new Population(0, 8, 50, 0.8, 10, 30, 8);
  }
}
