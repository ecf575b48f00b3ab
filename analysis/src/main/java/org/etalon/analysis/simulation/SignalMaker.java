package org.etalon.analysis.simulation;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.etalon.strain.GpsTime;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.waveform.BlackHoleBinary;
import org.etalon.strain.waveform.Detector;
import org.etalon.strain.waveform.PhenomD;
import org.etalon.strain.waveform.SkyPosition;

/** Makes what detectors see of mergers. The Earth stands still while a signal passes. */
final class SignalMaker {
  private static final double REFERENCE_HZ = 50;

  /** Over which the lowest frequencies are faded in, so that the signal begins quietly. */
  private static final double FADE_HZ = 4;

  /** Kept free behind the merger for the ringdown, and in front for what the fading spreads. */
  private static final double MARGIN_SECONDS = 1;

  private static final int SHORTEST_SECONDS = 4;

  private final int sampleRateHz;
  private final double lowestHz;

  SignalMaker(int sampleRateHz, double lowestHz) {
    this.sampleRateHz = sampleRateHz;
    this.lowestHz = lowestHz;
  }

  /** How long before the merger a signal begins, in seconds. */
  double before(BlackHoleBinary binary) {
    return seconds(binary) - 2 * MARGIN_SECONDS;
  }

  /**
   * A signal at the distance that gives it a network signal-to-noise ratio.
   *
   * @param detectors names, with the noise of each beside them
   */
  Injection atSnr(Injection nearby, List<String> detectors, List<NoiseCurve> noise, double snr) {
    Injection measured = measured(nearby, detectors, noise);
    double factor = measured.networkSnr() / snr;
    TreeMap<String, Double> scaled = new TreeMap<>();
    measured.snr().forEach((ifo, each) -> scaled.put(ifo, each / factor));
    return new Injection(
        measured.gpsNs(),
        measured.binary(),
        measured.sky(),
        measured.inclination(),
        measured.phase(),
        measured.distance() * factor,
        measured.arrivalNs(),
        scaled);
  }

  /** With arrival times, and signal-to-noise ratios: 4 times the integral of |h|^2 / S. */
  Injection measured(Injection injection, List<String> detectors, List<NoiseCurve> noise) {
    SortedMap<String, Long> arrival = new TreeMap<>();
    SortedMap<String, Double> snr = new TreeMap<>();
    for (int d = 0; d < detectors.size(); d++) {
      Detector detector = Detector.named(detectors.get(d));
      arrival.put(detector.name(), arrivalNs(detector, injection.sky(), injection.gpsNs()));
      double[] response = response(detector, injection);
      PhenomD wave = PhenomD.of(injection.binary(), REFERENCE_HZ);
      double stepHz = 1.0 / seconds(injection.binary());
      double sum = 0;
      for (double f = stepHz; f < sampleRateHz / 2.0; f += stepHz) {
        double amplitude = wave.amplitude(f) * fade(f) / injection.distance();
        double density = noise.get(d).at(f);
        sum += density > 0 ? amplitude * amplitude / density : 0;
      }
      double power = response[0] * response[0] + response[1] * response[1];
      snr.put(detector.name(), Math.sqrt(4 * stepHz * sum * power));
    }
    return new Injection(
        injection.gpsNs(),
        injection.binary(),
        injection.sky(),
        injection.inclination(),
        injection.phase(),
        injection.distance(),
        arrival,
        snr);
  }

  /** What a detector sees. */
  Signal in(String ifo, Injection injection) {
    Detector detector = Detector.named(ifo);
    int seconds = seconds(injection.binary());
    int size = seconds * sampleRateHz;
    Fft fft = Fft.ofSize(size);
    double[] response = response(detector, injection);
    long arrivalNs = arrivalNs(detector, injection.sky(), injection.gpsNs());
    long second = Math.floorDiv(arrivalNs, GpsTime.NS_PER_SECOND);
    // The merger lies so far behind the start of the transform, which is at a whole second.
    double offset =
        seconds - 2 * MARGIN_SECONDS + Math.floorMod(arrivalNs, GpsTime.NS_PER_SECOND) / 1e9;
    PhenomD wave = PhenomD.of(injection.binary(), REFERENCE_HZ);
    double[] spectrum = new double[2 * fft.bins()];
    for (int k = 1; k < fft.bins() - 1; k++) {
      double f = (double) k / seconds;
      double amplitude = wave.amplitude(f) * fade(f) / injection.distance();
      if (amplitude == 0) {
        continue;
      }
      double angle = -wave.phase(f) - 2 * injection.phase() - 2 * Math.PI * f * offset;
      double cos = amplitude * Math.cos(angle) * sampleRateHz;
      double sin = amplitude * Math.sin(angle) * sampleRateHz;
      // plus + cross, which is -i times as much: (a - i b)(cos + i sin)
      spectrum[2 * k] = response[0] * cos + response[1] * sin;
      spectrum[2 * k + 1] = response[0] * sin - response[1] * cos;
    }
    long start = second - (long) (seconds - 2 * MARGIN_SECONDS);
    return new Signal(start * sampleRateHz, fft.inverse(spectrum));
  }

  static long arrivalNs(Detector detector, SkyPosition sky, long gpsNs) {
    return gpsNs + Math.round(detector.delaySeconds(sky, gpsNs) * GpsTime.NS_PER_SECOND);
  }

  /** Of plus and cross, with the inclination: (1 + cos^2) / 2 and cos. */
  private static double[] response(Detector detector, Injection injection) {
    double[] antenna = detector.antenna(injection.sky(), injection.gpsNs());
    double cos = Math.cos(injection.inclination());
    return new double[] {antenna[0] * (1 + cos * cos) / 2, antenna[1] * cos};
  }

  private double fade(double frequencyHz) {
    double x = Math.clamp((frequencyHz - lowestHz) / FADE_HZ, 0, 1);
    return 0.5 - 0.5 * Math.cos(Math.PI * x);
  }

  /** A power of two that holds the signal from its lowest frequency on. */
  private int seconds(BlackHoleBinary binary) {
    double needed = 1.2 * binary.chirpSeconds(lowestHz) + 3 * MARGIN_SECONDS;
    int seconds = SHORTEST_SECONDS;
    while (seconds < needed) {
      seconds *= 2;
    }
    return seconds;
  }
}
