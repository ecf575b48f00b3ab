package org.etalon.strain.opendata;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which of the published files are wanted.
 *
 * @param detectors each must be there, such as {@code H1}; empty: all there are
 * @param sampleRateHz samples a second, 4096 or 16384
 * @param format the file format
 * @param durationSeconds length of an event's file, 32 or 4096; a span of GPS time takes its
 *     archive's files as they are
 */
public record StrainSelection(
    Set<String> detectors, int sampleRateHz, StrainFormat format, int durationSeconds) {
  /** The 32 seconds around an event, 4096 Hz, HDF5, all detectors. */
  public static final StrainSelection USUAL =
      new StrainSelection(Set.of(), 4096, StrainFormat.HDF5, 32);

  public StrainSelection {
    detectors = Set.copyOf(detectors);
    if (sampleRateHz <= 0) {
      throw new IllegalArgumentException("sampleRateHz: " + sampleRateHz + " (expected: > 0)");
    }
    if (durationSeconds <= 0) {
      throw new IllegalArgumentException(
          "durationSeconds: " + durationSeconds + " (expected: > 0)");
    }
  }

  /** The same for these detectors alone. */
  public StrainSelection withDetectors(Set<String> wanted) {
    return new StrainSelection(wanted, sampleRateHz, format, durationSeconds);
  }

  boolean wantsDetector(String detector) {
    return detectors.isEmpty() || detectors.contains(detector);
  }

  /** Whether the file fits in all but its length. */
  boolean fitsKind(StrainLink link) {
    return link.sampleRateHz() == sampleRateHz
        && link.format() == format
        && wantsDetector(link.detector());
  }

  /** In a user's words, for messages. */
  String describe() {
    String who = detectors.isEmpty() ? "any detector" : String.join(",", new TreeSet<>(detectors));
    return "%s at %d Hz as %s".formatted(who, sampleRateHz, format);
  }
}
