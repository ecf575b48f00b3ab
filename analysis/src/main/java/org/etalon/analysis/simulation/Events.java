package org.etalon.analysis.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.waveform.BlackHoleBinary;
import org.etalon.strain.waveform.SkyPosition;

/** Draws injections and glitches. */
final class Events {
  private static final double GLITCH_SECONDS = 2;

  private final SimulationConfig config;
  private final SignalMaker maker;

  Events(SimulationConfig config) {
    this.config = config;
    maker = new SignalMaker(config.sampleRateHz(), config.lowestHz());
  }

  /**
   * The injections, in order of time.
   *
   * @throws IllegalArgumentException if there is no room for so many
   */
  List<Injection> injections() {
    Population population = config.population();
    if (population.count() == 0) {
      return List.of();
    }
    List<NoiseCurve> noise = config.noise().orElseThrow();
    List<Injection> injections = new ArrayList<>();
    for (int i = 0; i < population.count(); i++) {
      Draws draws = Draws.of(config.seed(), "injection", i);
      Injection nearby = drawn(draws, timeNs(i, draws));
      double snr = draws.uniform(population.quietest(), population.loudest());
      injections.add(maker.atSnr(nearby, config.detectors(), noise, snr));
    }
    return injections;
  }

  /** What a detector sees of injections. */
  List<Signal> signals(String ifo, List<Injection> injections) {
    return injections.stream().map(injection -> maker.in(ifo, injection)).toList();
  }

  /**
   * A uniform time in an equal share of the span, so that no two are closer than asked for: uniform
   * times in what the distances leave, spread out again.
   */
  private long timeNs(int index, Draws draws) {
    Segment span = config.span();
    Population population = config.population();
    double apart = population.apartSeconds();
    double free = span.durationNs() / 1e9 - apart * (population.count() + 1);
    if (free <= 0) {
      throw new IllegalArgumentException(
          "injections: %d, %s s apart and from the ends (expected: to fit into %s s)"
              .formatted(population.count(), apart, GpsTime.format(span.durationNs())));
    }
    double share = free / population.count();
    double seconds = apart * (index + 1) + share * index + draws.uniform(0, share);
    return span.startNs() + Math.round(seconds * 1e9);
  }

  private Injection drawn(Draws draws, long gpsNs) {
    Population population = config.population();
    double a = draws.uniform(population.lightest(), population.heaviest());
    double b = draws.uniform(population.lightest(), population.heaviest());
    double spin = population.largestSpin();
    var binary =
        new BlackHoleBinary(
            Math.max(a, b), Math.min(a, b), draws.uniform(-spin, spin), draws.uniform(-spin, spin));
    var sky =
        new SkyPosition(
            draws.uniform(0, 2 * Math.PI),
            Math.asin(draws.uniform(-1, 1)),
            draws.uniform(0, Math.PI));
    return new Injection(
        gpsNs,
        binary,
        sky,
        Math.acos(draws.uniform(-1, 1)),
        draws.uniform(0, 2 * Math.PI),
        1,
        new TreeMap<>(),
        new TreeMap<>());
  }

  /** Sine-Gaussians of signal-to-noise ratio 5 to 50 against white noise of their frequency's. */
  List<Signal> glitches(String ifo, NoiseCurve noise) {
    double hours = config.span().durationNs() / 3.6e12;
    int count = (int) Math.round(config.glitchesPerHour() * hours);
    int rate = config.sampleRateHz();
    List<Signal> glitches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Draws draws = Draws.of(config.seed(), ifo + " glitch", i);
      double middle =
          config.span().startNs() / 1e9 + draws.uniform(0, config.span().durationNs() / 1e9);
      double frequency = Math.exp(draws.uniform(Math.log(30), Math.log(500)));
      double quality = draws.uniform(3, 20);
      double phase = draws.uniform(0, 2 * Math.PI);
      double tau = quality / (2 * Math.PI * frequency * Math.sqrt(2));
      double snr = draws.uniform(5, 50);
      // Of amplitude one, 2 / S times the integral of h^2 is sqrt(pi) tau' / S, tau' = tau sqrt(2).
      double unit = Math.sqrt(Math.sqrt(Math.PI) * tau * Math.sqrt(2) / noise.at(frequency));
      long first = (long) ((middle - GLITCH_SECONDS / 2) * rate);
      double[] strain = new double[(int) (GLITCH_SECONDS * rate)];
      for (int j = 0; j < strain.length; j++) {
        double t = (first + j) / (double) rate - middle;
        double envelope = Math.exp(-t * t / (2 * tau * tau * 2));
        strain[j] = snr / unit * envelope * Math.cos(2 * Math.PI * frequency * t + phase);
      }
      glitches.add(new Signal(first, strain));
    }
    return glitches;
  }
}
