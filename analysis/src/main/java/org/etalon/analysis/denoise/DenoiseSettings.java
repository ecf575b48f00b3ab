package org.etalon.analysis.denoise;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How noise is predicted and subtracted, checked as a whole.
 *
 * @param strideSeconds from one kernel to the next
 * @param latencySeconds that a sample waits for outputs which cover it; {@link
 *     Double#POSITIVE_INFINITY} waits for all of them, as an archive can
 * @param bandLowHz lower corner of the band that the network predicts
 * @param bandHighHz upper corner
 * @param bandOrder of the Butterworth filter, which is run both ways
 * @param filterSeconds of its response that is kept, half before and half after a sample
 * @param strainPerUnit strain of one unit of the network's output
 * @param frameSeconds length of a frame of cleaned strain
 * @param maxInFlight requests that wait for an answer at a time
 */
public record DenoiseSettings(
    double strideSeconds,
    double latencySeconds,
    double bandLowHz,
    double bandHighHz,
    int bandOrder,
    double filterSeconds,
    double strainPerUnit,
    int frameSeconds,
    int maxInFlight) {

  /**
   * @throws IllegalArgumentException naming every value that is wrong, and why
   */
  public DenoiseSettings {
    List<String> faults = new ArrayList<>();
    require(
        strideSeconds > 0 && strideSeconds <= 1,
        "strideSeconds",
        strideSeconds,
        "above 0, to 1",
        faults);
    require(latencySeconds >= 0, "latencySeconds", latencySeconds, "0 or more", faults);
    require(
        bandLowHz > 0 && bandLowHz < bandHighHz,
        "bandLowHz",
        bandLowHz,
        "above 0 and below bandHighHz=" + bandHighHz,
        faults);
    require(bandOrder >= 1 && bandOrder <= 16, "bandOrder", bandOrder, "1 to 16", faults);
    require(
        filterSeconds > 0 && filterSeconds <= 60,
        "filterSeconds",
        filterSeconds,
        "above 0, to 60",
        faults);
    require(strainPerUnit != 0, "strainPerUnit", strainPerUnit, "not 0", faults);
    require(
        frameSeconds >= 1 && frameSeconds <= 4096,
        "frameSeconds",
        frameSeconds,
        "1 to 4096",
        faults);
    require(maxInFlight >= 1 && maxInFlight <= 256, "maxInFlight", maxInFlight, "1 to 256", faults);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /** For an archive, with the network {@code deepclean}: every output that covers a sample. */
  public static DenoiseSettings archive() {
    return new DenoiseSettings(0.25, Double.POSITIVE_INFINITY, 50, 70, 6, 1, 1e-21, 64, 16);
  }

  /** For live strain: three quarters of a second of outputs, frames of a second. */
  public static DenoiseSettings live() {
    return new DenoiseSettings(0.25, 0.75, 50, 70, 6, 1, 1e-21, 1, 16);
  }

  /** What changes the result, by name. */
  Map<String, Number> changing() {
    Map<String, Number> all = new LinkedHashMap<>();
    all.put("stride_seconds", strideSeconds);
    all.put("latency_seconds", latencySeconds);
    all.put("band_low_hz", bandLowHz);
    all.put("band_high_hz", bandHighHz);
    all.put("band_order", bandOrder);
    all.put("filter_seconds", filterSeconds);
    all.put("strain_per_unit", strainPerUnit);
    all.put("frame_seconds", frameSeconds);
    return all;
  }

  private static void require(
      boolean holds, String key, Object value, String expected, List<String> faults) {
    if (!holds) {
      faults.add("%s: %s (expected: %s)".formatted(key, value, expected));
    }
  }
}
