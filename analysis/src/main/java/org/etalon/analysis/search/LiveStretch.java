package org.etalon.analysis.search;

import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;

/**
 * A stretch of whitened strain without gaps as it grows: its scores at zero lag, and those of time
 * slides, which pair what is new of the first detector with what the second had seconds before.
 * Owned by one thread.
 */
final class LiveStretch {
  /** Strain behind the newest that candidates are timed in. */
  private static final int PAST_SECONDS = 32;

  private final SearchSettings settings;
  private final MergerTime mergerTime;
  private final long startNs;
  private final SampleHistory first;
  private final SampleHistory second;
  private final SampleHistory scores;

  /** By the number of the slide; 0 is zero lag. */
  private final List<Lag> lags = new ArrayList<>();

  private static final class Lag {
    final ScoreTrack track;
    final TriggerClusters clusters;

    Lag(ScoreTrack track, TriggerClusters clusters) {
      this.track = track;
      this.clusters = clusters;
    }
  }

  /** When and how loud a candidate was. */
  record Estimate(List<Long> detectorGpsNs, double peakScore) {
    /** Rounded down to a whole number of nanoseconds. */
    long gpsNs() {
      long one = detectorGpsNs.getFirst();
      return one + Math.floorDiv(detectorGpsNs.getLast() - one, 2L);
    }
  }

  /**
   * @param startNs of the first sample to come, that of the first window
   */
  LiveStretch(SearchSettings settings, MergerTime mergerTime, int slides, long startNs) {
    this.settings = settings;
    this.mergerTime = mergerTime;
    this.startNs = startNs;
    int past = PAST_SECONDS * settings.sampleRateHz();
    this.first = new SampleHistory(past + settings.kernelSize());
    this.second =
        new SampleHistory(past + settings.kernelSize() + slides * settings.shiftSamples());
    this.scores = new SampleHistory(PAST_SECONDS * settings.inferenceSamplingRateHz());
    for (int k = 0; k <= slides; k++) {
      int from = Math.ceilDiv(k * settings.shiftSamples(), settings.stride());
      lags.add(
          new Lag(new ScoreTrack(settings.integrationSize(), from), new TriggerClusters(settings)));
    }
  }

  /** Takes fresh whitened strain of both detectors. */
  void push(List<float[]> white) {
    first.append(white.getFirst());
    second.append(white.getLast());
  }

  /** Scores what is new at zero lag; gives the local maxima that are now known. */
  List<Trigger> scoreZeroLag(WindowScorer scorer) throws InterruptedIOException {
    float[] fresh = score(0, scorer);
    scores.append(fresh);
    return lags.getFirst().track.push(fresh);
  }

  /** The local maximum that the end of the stretch makes one. */
  List<Trigger> lastAtZeroLag() {
    return lags.getFirst().track.end();
  }

  TriggerClusters foreground() {
    return lags.getFirst().clusters;
  }

  /** The first window at zero lag that a local maximum may still come of. */
  int nextWindow() {
    return next(lags.getFirst());
  }

  private int next(Lag lag) {
    return Math.max(0, lag.track.nextWindow() - settings.integrationSize());
  }

  /** Averages at zero lag so far. */
  int averages() {
    return lags.getFirst().track.averages();
  }

  /** Averages of all time slides so far. */
  long slideAverages() {
    return lags.stream().skip(1).mapToLong(lag -> lag.track.averages()).sum();
  }

  /** Scores what is new in all time slides; gives the candidates that are now decided. */
  List<Trigger> scoreSlides(WindowScorer scorer) throws InterruptedIOException {
    List<Trigger> kept = new ArrayList<>();
    for (int k = 1; k < lags.size(); k++) {
      Lag lag = lags.get(k);
      lag.track.push(score(k, scorer)).forEach(lag.clusters::add);
      kept.addAll(lag.clusters.settle(next(lag)));
    }
    return kept;
  }

  /** The candidates of time slides that were undecided when the stretch ended. */
  List<Trigger> endSlides() {
    List<Trigger> kept = new ArrayList<>();
    for (Lag lag : lags.subList(1, lags.size())) {
      lag.track.end().forEach(lag.clusters::add);
      kept.addAll(lag.clusters.end());
    }
    return kept;
  }

  private float[] score(int k, WindowScorer scorer) throws InterruptedIOException {
    long from = lags.get(k).track.nextWindow();
    long to = windows();
    if (to <= from) {
      return new float[0];
    }
    long begin = from * settings.stride();
    long end = (to - 1) * settings.stride() + settings.kernelSize();
    long shift = (long) k * settings.shiftSamples();
    WhiteStrain strain = white(begin, end, shift);
    var pairs = new TimeSlide(k, 0, strain.ring().size(), settings.kernelSize(), settings.stride());
    return scorer.score(strain, pairs, _ -> {});
  }

  /** Windows that are whole. */
  private long windows() {
    return first.end() < settings.kernelSize()
        ? 0
        : (first.end() - settings.kernelSize()) / settings.stride() + 1;
  }

  private WhiteStrain white(long begin, long end, long shift) {
    int rate = settings.sampleRateHz();
    long fromNs = startNs + GpsTime.durationNs(begin, rate);
    Segment span = new Segment(fromNs, fromNs + GpsTime.durationNs(end - begin, rate));
    return new WhiteStrain(
        new Ring(0, span, span, rate),
        List.of(first.copy(begin, end), second.copy(begin - shift, end - shift)));
  }

  /** When a candidate merged, by the strain and the scores so far. */
  Estimate estimate(Trigger trigger) {
    int around = 2 * settings.inferenceSamplingRateHz();
    long oldest = Math.max(scores.begin(), Math.ceilDiv(first.begin(), (long) settings.stride()));
    if (trigger.window() < oldest) { // long undecided, as ever louder ones followed
      long middleNs = windowNs(trigger.window()) + Candidates.middleNs(settings);
      return new Estimate(List.of(middleNs, middleNs), trigger.statistic());
    }
    long from = Math.max(oldest, trigger.window() - around);
    long to = Math.min(scores.end(), trigger.window() + settings.integrationSize() + around);
    float[] near = scores.copy(from, to);
    long end = (to - 1) * settings.stride() + settings.kernelSize();
    Trigger within = new Trigger((int) (trigger.window() - from), trigger.statistic());
    WhiteStrain strain = white(from * settings.stride(), end, 0);
    return new Estimate(
        mergerTime.estimate(near, within, strain),
        Candidates.peak(near, within, settings.integrationSize()));
  }

  private long windowNs(int window) {
    return startNs + window * settings.strideNs();
  }
}
