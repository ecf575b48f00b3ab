package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds the candidates of one time slide: integrates its scores and clusters what comes out. */
final class Triggers {
  private final int integrationSize;
  private final int clusterSamples;

  Triggers(SearchSettings settings) {
    this.integrationSize = settings.integrationSize();
    this.clusterSamples = (int) Math.ceil(settings.clusterSeconds() * settings.sampleRateHz());
  }

  /**
   * The candidates of a slide, loudest first; of equal ones the earlier.
   *
   * <p>A candidate is a local maximum of the average of {@code integrationSize} scores in a row,
   * and no louder one lies within the cluster time of it. Averages do not reach over the seam.
   */
  List<Trigger> find(float[] scores, TimeSlide slide) {
    List<Trigger> maxima = new ArrayList<>();
    addMaxima(scores, 0, slide.windowsBeforeSeam(), maxima);
    addMaxima(scores, slide.windowsBeforeSeam(), slide.windows(), maxima);
    maxima.sort(
        Comparator.comparingDouble((Trigger t) -> -t.statistic())
            .thenComparingInt(Trigger::window));
    return cluster(maxima, slide);
  }

  /**
   * Averages of {@code size} values in a row of {@code values[from, to)}; the one at {@code i} is
   * of those from {@code from + i} on. Each is summed anew, so that it depends on nothing else.
   */
  static float[] average(float[] values, int from, int to, int size) {
    float[] averages = new float[Math.max(0, to - from - size + 1)];
    for (int i = 0; i < averages.length; i++) {
      double sum = 0;
      for (int j = from + i; j < from + i + size; j++) {
        sum += values[j];
      }
      averages[i] = (float) (sum / size);
    }
    return averages;
  }

  private void addMaxima(float[] scores, int from, int to, List<Trigger> into) {
    float[] averages = average(scores, from, to, integrationSize);
    for (int i = 0; i < averages.length; i++) {
      boolean isAbovePast = i == 0 || averages[i] > averages[i - 1];
      boolean isAboveNext = i == averages.length - 1 || averages[i] >= averages[i + 1];
      if (isAbovePast && isAboveNext) {
        into.add(new Trigger(from + i, averages[i]));
      }
    }
  }

  /** Takes the loudest that no one taken before is near, in bins as long as the cluster time. */
  private List<Trigger> cluster(List<Trigger> loudestFirst, TimeSlide slide) {
    int bins = slide.size() / clusterSamples + 1;
    long[] taken = new long[bins];
    java.util.Arrays.fill(taken, -1);
    List<Trigger> kept = new ArrayList<>();
    for (Trigger trigger : loudestFirst) {
      int sample = slide.firstSample(trigger.window());
      int bin = sample / clusterSamples;
      if (isFree(taken, bin - 1, sample)
          && isFree(taken, bin, sample)
          && isFree(taken, bin + 1, sample)) {
        taken[bin] = sample;
        kept.add(trigger);
      }
    }
    return List.copyOf(kept);
  }

  /** A bin holds at most one that is taken, since two in it would be too near each other. */
  private boolean isFree(long[] taken, int bin, int sample) {
    return bin < 0
        || bin >= taken.length
        || taken[bin] < 0
        || Math.abs(taken[bin] - sample) >= clusterSamples;
  }
}
