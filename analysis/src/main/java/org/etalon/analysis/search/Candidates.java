package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.etalon.strain.GpsTime;

/** Collects candidates slide by slide, and turns them into events once all are there. */
final class Candidates {
  private final SearchSettings settings;
  private final Triggers triggers;
  private final MergerTime mergerTime;
  private final List<Found> foreground = new ArrayList<>();
  private final DoubleStream.Builder background = DoubleStream.builder();
  private final Map<List<Long>, WhiteStrain.Excerpt> excerpts = new HashMap<>();
  private final List<Findings.Track> tracks = new ArrayList<>();
  private long livetimeNs;
  private long backgroundNs;

  /** A candidate at zero lag, before the background is known. */
  private record Found(List<Long> detectorGpsNs, double statistic, double peakScore) {}

  Candidates(SearchSettings settings, List<String> ifos) {
    this.settings = settings;
    this.triggers = new Triggers(settings);
    this.mergerTime = new MergerTime(settings, ifos);
  }

  void add(WhiteStrain strain, TimeSlide slide, float[] scores) {
    List<Trigger> found = triggers.find(scores, slide);
    long timeNs = slide.livetimeNs(settings.integrationSize(), settings.sampleRateHz());
    if (slide.number() > 0) {
      found.forEach(trigger -> background.add(trigger.statistic()));
      backgroundNs += timeNs;
      return;
    }
    livetimeNs += timeNs;
    float[] track = Triggers.average(scores, 0, scores.length, settings.integrationSize());
    tracks.add(new Findings.Track(strain.ring(), track));
    for (int i = 0; i < found.size(); i++) {
      Trigger trigger = found.get(i);
      List<Long> times = mergerTime.estimate(scores, trigger, strain);
      foreground.add(
          new Found(times, trigger.statistic(), peak(scores, trigger, settings.integrationSize())));
      if (i < settings.maxPictures()) {
        excerpts.put(times, strain.around(mean(times), SearchReport.EXCERPT_SECONDS));
      }
    }
  }

  long livetimeNs() {
    return livetimeNs;
  }

  List<Findings.Track> tracks() {
    return List.copyOf(tracks);
  }

  Background background() {
    return new Background(background.build().toArray(), backgroundNs);
  }

  /** The events, loudest first. */
  List<SearchEvent> events(Background background) {
    return foreground.stream()
        .map(found -> event(found, background))
        .sorted(
            Comparator.comparingDouble((SearchEvent event) -> -event.detectionStatistic())
                .thenComparingLong(SearchEvent::gpsNs))
        .toList();
  }

  /** Those louder than all background, or else the loudest one. */
  List<Findings.Pictured> pictured(List<SearchEvent> events, Background background) {
    List<Findings.Pictured> pictured = new ArrayList<>();
    for (SearchEvent event : events) {
      boolean isLoud = event.detectionStatistic() > background.loudest();
      if (!pictured.isEmpty() && (!isLoud || pictured.size() == settings.maxPictures())) {
        break;
      }
      WhiteStrain.Excerpt excerpt = excerpts.get(event.detectorGpsNs());
      if (excerpt != null) {
        pictured.add(new Findings.Pictured(event, excerpt));
      }
    }
    return pictured;
  }

  private SearchEvent event(Found found, Background background) {
    return new SearchEvent(
        mean(found.detectorGpsNs()),
        found.detectorGpsNs(),
        found.statistic(),
        found.peakScore(),
        background.louderThan(found.statistic()),
        background.farPerYear(found.statistic()),
        background.pValue(found.statistic(), livetimeNs));
  }

  /** The largest score of a trigger's windows. */
  static float peak(float[] scores, Trigger trigger, int integrationSize) {
    float peak = scores[trigger.window()];
    for (int i = 1; i < integrationSize; i++) {
      peak = Math.max(peak, scores[trigger.window() + i]);
    }
    return peak;
  }

  /** Rounded down to a whole number of nanoseconds. */
  private static long mean(List<Long> times) {
    long first = times.getFirst();
    return first + Math.floorDiv(times.getLast() - first, 2L);
  }

  /** The middle of the windows that make one average, from the first one's start. */
  static long middleNs(SearchSettings settings) {
    long kernelNs = GpsTime.ofSeconds(settings.kernelSeconds());
    return ((settings.integrationSize() - 1) * settings.strideNs() + kernelNs) / 2;
  }
}
