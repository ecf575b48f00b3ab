package org.etalon.analysis.simulation;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.Segment;
import org.etalon.strain.waveform.Detector;

/**
 * What to simulate.
 *
 * @param output a folder that is not there or is empty
 * @param span of whole seconds
 * @param detectors at least one, such as H1
 * @param noise each detector's, in the same order; empty: no noise
 * @param sampleRateHz a power of two, from 256
 * @param fileSeconds of a file, counted from the start
 * @param format of the files
 * @param seed from which all is drawn
 * @param population of injections
 * @param lowestHz where signals begin
 * @param glitchesPerHour in each detector, sine-Gaussians
 * @param witnessed the detector with witness channels, and the noise they predict; empty: none
 */
public record SimulationConfig(
    Path output,
    Segment span,
    List<String> detectors,
    Optional<List<NoiseCurve>> noise,
    int sampleRateHz,
    int fileSeconds,
    Format format,
    long seed,
    Population population,
    double lowestHz,
    double glitchesPerHour,
    Optional<String> witnessed) {
  /** What files are written as. */
  public enum Format {
    GWF("gwf"),
    HDF5("hdf5");

    private final String ending;

    Format(String ending) {
      this.ending = ending;
    }

    String ending() {
      return ending;
    }
  }

  private static final long SECOND_NS = 1_000_000_000L;

  public SimulationConfig {
    detectors = List.copyOf(detectors);
    detectors.forEach(Detector::named);
    if (detectors.isEmpty() || new LinkedHashSet<>(detectors).size() != detectors.size()) {
      throw new IllegalArgumentException(
          "detectors: %s (expected: at least one, each once)".formatted(detectors));
    }
    if (noise.isPresent() && noise.get().size() != detectors.size()) {
      throw new IllegalArgumentException(
          "noise: %d curves (expected: %d)".formatted(noise.get().size(), detectors.size()));
    }
    if (span.startNs() % SECOND_NS != 0 || span.endNs() % SECOND_NS != 0 || span.startNs() < 0) {
      throw new IllegalArgumentException("span: %s (expected: whole seconds)".formatted(span));
    }
    if (sampleRateHz < 256 || sampleRateHz > 65536 || Integer.bitCount(sampleRateHz) != 1) {
      throw new IllegalArgumentException(
          "sampleRateHz: %d (expected: a power of two from 256 to 65536)".formatted(sampleRateHz));
    }
    if (fileSeconds < 1 || fileSeconds > 4096) {
      throw new IllegalArgumentException(
          "fileSeconds: %d (expected: 1 to 4096)".formatted(fileSeconds));
    }
    if (!(lowestHz >= 5 && lowestHz < sampleRateHz / 2.0)) {
      throw new IllegalArgumentException(
          "lowestHz: %s (expected: from 5 to half the sample rate)".formatted(lowestHz));
    }
    if (!(glitchesPerHour >= 0 && glitchesPerHour <= 36000)) {
      throw new IllegalArgumentException(
          "glitchesPerHour: %s (expected: 0 to 36000)".formatted(glitchesPerHour));
    }
    if (witnessed.isPresent() && !detectors.contains(witnessed.get())) {
      throw new IllegalArgumentException(
          "witnessed: %s (expected one of: %s)".formatted(witnessed.get(), detectors));
    }
    if (population.count() > 0 && noise.isEmpty()) {
      throw new IllegalArgumentException(
          "injections without noise (expected: a noise curve, by which they are scaled)");
    }
  }
}
