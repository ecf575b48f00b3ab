package org.etalon.analysis.simulation;

import java.util.SortedMap;
import java.util.TreeMap;
import org.etalon.strain.waveform.BlackHoleBinary;
import org.etalon.strain.waveform.SkyPosition;

/**
 * A simulated signal.
 *
 * @param gpsNs the merger at Earth's centre
 * @param inclination of the orbit's axis to the line of sight, in radians
 * @param phase of the orbit, in radians
 * @param distance in Mpc
 * @param arrivalNs the merger in each detector
 * @param snr the optimal signal-to-noise ratio in each detector
 */
public record Injection(
    long gpsNs,
    BlackHoleBinary binary,
    SkyPosition sky,
    double inclination,
    double phase,
    double distance,
    SortedMap<String, Long> arrivalNs,
    SortedMap<String, Double> snr) {
  public Injection {
    arrivalNs = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(arrivalNs));
    snr = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(snr));
  }

  /** The root of the sum of the detectors' squares. */
  public double networkSnr() {
    return Math.sqrt(snr.values().stream().mapToDouble(each -> each * each).sum());
  }
}
