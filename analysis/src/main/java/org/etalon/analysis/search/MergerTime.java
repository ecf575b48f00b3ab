package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.List;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.signal.Butterworth;
import org.etalon.strain.signal.SecondOrderSections;

/**
 * Estimates when a candidate's signal merged.
 *
 * <p>First from the scores: a window answers only if it holds the merger. So the merger is after
 * the start of the last window, and before the end of the first, of those whose scores are above
 * half of the largest; they leave about 0.13 s. Then from the strain: within that time the merger
 * is where both detectors, up to the light's travel time apart, are loudest at once. Loudness is
 * the power between 35 and 350 Hz in a Gaussian of 5 ms, and both at once is the product of the
 * two, which a glitch in one detector does not raise; it peaks some milliseconds before the
 * coalescence.
 */
final class MergerTime {
  /** Between the LIGO sites, 3002 km apart, light takes 10.01 ms. */
  private static final double LIGO_TRAVEL_SECONDS = 0.0101;

  /** The farthest apart of all detectors, L1 and K1, are so at 32.4 ms. */
  private static final double MAX_TRAVEL_SECONDS = 0.0325;

  static final double LOW_HZ = 35;
  static final double HIGH_HZ = 350;
  private static final int ORDER = 4;
  private static final double SMOOTHING_SECONDS = 0.005;

  /** Strain on either side of the estimate that is filtered: enough for the filter to settle. */
  private static final double MARGIN_SECONDS = 1;

  private final SearchSettings settings;
  private final double travelSeconds;
  private final SecondOrderSections bandpass;

  MergerTime(SearchSettings settings, List<String> ifos) {
    this.settings = settings;
    boolean isLigo = ifos.contains("H1") && ifos.contains("L1");
    this.travelSeconds = isLigo ? LIGO_TRAVEL_SECONDS : MAX_TRAVEL_SECONDS;
    this.bandpass = bandpass(settings.sampleRateHz());
  }

  /** The band that mergers of stellar-mass black holes are loud in. */
  static SecondOrderSections bandpass(int sampleRateHz) {
    double low = Math.min(LOW_HZ, sampleRateHz / 16.0);
    double high = Math.min(HIGH_HZ, sampleRateHz * 0.45);
    return Butterworth.bandpass(ORDER, low, high, sampleRateHz);
  }

  /** The instants at which the two detectors saw the merger, in their order. */
  List<Long> estimate(float[] scores, Trigger trigger, WhiteStrain strain) {
    Segment bounds = bounds(scores, trigger, strain.ring());
    long middleNs = (bounds.startNs() + bounds.endNs()) / 2;
    WhiteStrain.Excerpt excerpt = strain.around(middleNs, MARGIN_SECONDS);
    List<double[]> power = new ArrayList<>();
    for (double[] white : excerpt.detectors()) {
      if (white.length <= bandpass.padding()) {
        return List.of(middleNs, middleNs);
      }
      power.add(smoothedPower(bandpass.filterBothWays(white)));
    }
    return loudest(power.getFirst(), power.getLast(), excerpt, bounds);
  }

  /**
   * When the merger was by the scores alone. At zero lag window {@code i} begins at sample {@code i
   * * stride}.
   */
  Segment bounds(float[] scores, Trigger trigger, Ring ring) {
    int peak = trigger.window();
    int end = Math.min(scores.length, trigger.window() + settings.integrationSize());
    for (int i = peak; i < end; i++) {
      peak = scores[i] > scores[peak] ? i : peak;
    }
    float half = scores[peak] - Math.abs(scores[peak]) / 2;
    int most = settings.kernelSize() / settings.stride() - 1;
    int first = peak;
    while (first > 0 && scores[first - 1] > half && peak - first < most) {
      first--;
    }
    int last = peak;
    while (last < scores.length - 1 && scores[last + 1] > half && last - peak < most) {
      last++;
    }
    long afterNs = ring.timeNs(last * settings.stride());
    long beforeNs = ring.timeNs(first * settings.stride() + settings.kernelSize());
    return atLeastTwoStrides(afterNs, beforeNs);
  }

  /** Noise can answer for longer than a kernel; then there is only a middle. */
  private Segment atLeastTwoStrides(long afterNs, long beforeNs) {
    if (beforeNs - afterNs >= 2 * settings.strideNs()) {
      return new Segment(afterNs, beforeNs);
    }
    long middleNs = (afterNs + beforeNs) / 2;
    return new Segment(middleNs - settings.strideNs(), middleNs + settings.strideNs());
  }

  private List<Long> loudest(
      double[] first, double[] second, WhiteStrain.Excerpt excerpt, Segment bounds) {
    int travel = (int) Math.ceil(travelSeconds * excerpt.sampleRateHz());
    int from = Math.clamp(sample(excerpt, bounds.startNs()), 0, first.length - 1);
    int to = Math.clamp(sample(excerpt, bounds.endNs()), from + 1, first.length);
    int bestFirst = from;
    int bestSecond = from;
    for (int i = from; i < to; i++) {
      for (int j = Math.max(0, i - travel); j <= Math.min(second.length - 1, i + travel); j++) {
        if (first[i] * second[j] > first[bestFirst] * second[bestSecond]) {
          bestFirst = i;
          bestSecond = j;
        }
      }
    }
    return List.of(timeNs(excerpt, bestFirst), timeNs(excerpt, bestSecond));
  }

  private static int sample(WhiteStrain.Excerpt excerpt, long gpsNs) {
    return (int) Math.round((gpsNs - excerpt.startNs()) / 1e9 * excerpt.sampleRateHz());
  }

  private static long timeNs(WhiteStrain.Excerpt excerpt, int sample) {
    return excerpt.startNs() + GpsTime.durationNs(sample, excerpt.sampleRateHz());
  }

  private double[] smoothedPower(double[] series) {
    double width = SMOOTHING_SECONDS * settings.sampleRateHz();
    int reach = (int) Math.ceil(4 * width);
    double[] gaussian = new double[2 * reach + 1];
    for (int k = -reach; k <= reach; k++) {
      gaussian[k + reach] = Math.exp(-0.5 * (k / width) * (k / width));
    }
    double[] smoothed = new double[series.length];
    for (int i = 0; i < series.length; i++) {
      double sum = 0;
      for (int k = Math.max(-reach, -i); k <= Math.min(reach, series.length - 1 - i); k++) {
        sum += gaussian[k + reach] * series[i + k] * series[i + k];
      }
      smoothed[i] = sum;
    }
    return smoothed;
  }
}
