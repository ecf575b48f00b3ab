package org.etalon.strain.signal;

/**
 * Evenly spaced times and frequencies of an image.
 *
 * @param startSeconds first time, from the series' start
 * @param stepSeconds between times
 * @param times number of times
 * @param startHz first frequency
 * @param stepHz between frequencies
 * @param frequencies number of frequencies
 */
public record QGrid(
    double startSeconds,
    double stepSeconds,
    int times,
    double startHz,
    double stepHz,
    int frequencies) {

  /**
   * @throws IllegalArgumentException if a step or number is not positive
   */
  public QGrid {
    if (!(stepSeconds > 0 && stepHz > 0 && times > 0 && frequencies > 0)) {
      throw new IllegalArgumentException(
          "steps %s s and %s Hz, %d times, %d frequencies (expected: all > 0)"
              .formatted(stepSeconds, stepHz, times, frequencies));
    }
  }
}
