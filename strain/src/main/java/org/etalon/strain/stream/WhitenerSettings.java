package org.etalon.strain.stream;

import java.util.ArrayList;
import java.util.List;
import org.etalon.strain.signal.WhiteningSettings;

/**
 * How a stream is whitened.
 *
 * @param inputRateHz of the strain that comes
 * @param sampleRateHz of the whitened strain, a divisor of the input's
 * @param psdSeconds of the past that the PSD is estimated from; whole seconds
 * @param firstPsdSeconds of strain after which there is a first PSD; nothing is given before
 * @param fftSeconds length of a Welch segment; segments overlap by half, and with each the PSD is
 *     estimated anew
 * @param filterSeconds length of the whitening filter
 * @param highpassHz frequencies below are removed
 * @param latencySamples by which the whitened strain lags behind, at its own rate; at least {@link
 *     #minLatencySamples}. A multiple of the stride keeps kernels on its grid.
 */
public record WhitenerSettings(
    int inputRateHz,
    int sampleRateHz,
    int psdSeconds,
    int firstPsdSeconds,
    int fftSeconds,
    double filterSeconds,
    double highpassHz,
    int latencySamples) {
  /** Samples after a sample that have a part in its value when the rate is lowered. */
  private static final int RESAMPLING_SAMPLES = 10;

  /**
   * @throws IllegalArgumentException naming every value that is wrong, and why
   */
  public WhitenerSettings {
    List<String> faults = new ArrayList<>();
    if (sampleRateHz < 2 || inputRateHz < sampleRateHz || inputRateHz % sampleRateHz != 0) {
      faults.add(
          "sampleRateHz: %d (expected: a divisor of inputRateHz=%d)"
              .formatted(sampleRateHz, inputRateHz));
    }
    if (fftSeconds < 1 || (sampleRateHz % 2 != 0 && fftSeconds % 2 != 0)) {
      faults.add("fftSeconds: %d (expected: at least 1)".formatted(fftSeconds));
    }
    if (firstPsdSeconds < fftSeconds || firstPsdSeconds > psdSeconds) {
      faults.add(
          "firstPsdSeconds: %d (expected: from fftSeconds=%d to psdSeconds=%d)"
              .formatted(firstPsdSeconds, fftSeconds, psdSeconds));
    }
    if (psdSeconds <= filterSeconds) {
      faults.add(
          "psdSeconds: %d (expected: more than filterSeconds=%s)"
              .formatted(psdSeconds, filterSeconds));
    }
    if (faults.isEmpty()) {
      int least =
          minLatencySamples(
              inputRateHz, sampleRateHz, filter(sampleRateHz, filterSeconds, highpassHz));
      if (latencySamples < least) {
        faults.add("latencySamples: %d (expected: at least %d)".formatted(latencySamples, least));
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /** Half the filter, and what lowering the rate takes; at the whitened strain's rate. */
  public static int minLatencySamples(
      int inputRateHz, int sampleRateHz, WhiteningSettings whitening) {
    return whitening.filterSamples() / 2 + (inputRateHz == sampleRateHz ? 0 : RESAMPLING_SAMPLES);
  }

  WhiteningSettings whitening() {
    return filter(sampleRateHz, filterSeconds, highpassHz);
  }

  private static WhiteningSettings filter(int rateHz, double filterSeconds, double highpassHz) {
    return new WhiteningSettings(rateHz, filterSeconds, highpassHz);
  }

  int factor() {
    return inputRateHz / sampleRateHz;
  }

  int hopSamples() {
    return fftSeconds * sampleRateHz / 2;
  }

  int psdSamples() {
    return psdSeconds * sampleRateHz;
  }

  int firstPsdSamples() {
    return firstPsdSeconds * sampleRateHz;
  }
}
