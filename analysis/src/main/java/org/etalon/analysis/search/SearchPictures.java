package org.etalon.analysis.search;

import java.util.Arrays;
import java.util.List;
import org.etalon.analysis.report.Axis;
import org.etalon.analysis.report.Plot;
import org.etalon.strain.GpsTime;

/** Draws what a search found as a whole. */
final class SearchPictures {
  private static final String EVENT_COLOUR = "#d62f2f";
  private static final String BACKGROUND_COLOUR = "#777777";
  private static final String TRACK_COLOUR = "#2b6cb0";
  private static final int WIDE = 960;

  private final Findings findings;

  SearchPictures(Findings findings) {
    this.findings = findings;
  }

  /** Score against time, with the events that are louder than all background. */
  Plot scores() {
    long originNs = findings.rings().getFirst().whitened().startNs();
    long endNs = findings.rings().getLast().whitened().endNs();
    double unitSeconds = endNs - originNs > 3 * 3600 * GpsTime.NS_PER_SECOND ? 3600 : 1;
    double duration = (endNs - originNs) / 1e9 / unitSeconds;
    String unit = unitSeconds == 1 ? "s" : "h";
    var x =
        Axis.linear("Time from GPS %s (%s)".formatted(GpsTime.format(originNs), unit), 0, duration);
    var plot = new Plot(WIDE, 320, x, statistics());
    boolean isFirst = true;
    for (Findings.Track track : findings.tracks()) {
      double[] times = times(track, originNs, unitSeconds);
      double[] values = doubles(track.statistics());
      plot =
          isFirst
              ? plot.line("zero lag", TRACK_COLOUR, times, values)
              : plot.lineWithoutKey(TRACK_COLOUR, times, values);
      isFirst = false;
    }
    plot.level("loudest of the background", BACKGROUND_COLOUR, findings.background().loudest());
    List<SearchEvent> events = loud();
    return plot.points(
        "events",
        EVENT_COLOUR,
        events.stream().mapToDouble(e -> (e.gpsNs() - originNs) / 1e9 / unitSeconds).toArray(),
        events.stream().mapToDouble(SearchEvent::detectionStatistic).toArray());
  }

  private Axis statistics() {
    double lowest = findings.background().loudest();
    double highest = lowest;
    for (Findings.Track track : findings.tracks()) {
      for (float statistic : track.statistics()) {
        lowest = Math.min(lowest, statistic);
        highest = Math.max(highest, statistic);
      }
    }
    return Axis.around("Detection statistic", lowest, highest);
  }

  /** The rate of candidates at least as loud as a statistic, at zero lag and in time slides. */
  Plot rates() {
    double[] background = findings.background().ascending();
    double[] events =
        findings.events().stream().mapToDouble(SearchEvent::detectionStatistic).sorted().toArray();
    double[] slideRates = rates(background, findings.background().livetimeNs());
    double[] ownRates = rates(events, findings.livetimeNs());
    double lowest = Math.min(events[0], background[0]);
    double highest = Math.max(events[events.length - 1], background[background.length - 1]);
    int loud = loud().size();
    double rarest = slideRates[slideRates.length - 1] / 3;
    double commonest = Math.max(slideRates[0], ownRates[0]) * 3;
    return new Plot(
            WIDE,
            360,
            Axis.around("Detection statistic", lowest, highest),
            Axis.logarithmic("Rate of candidates as loud (1/yr)", rarest, commonest))
        .steps("time slides", BACKGROUND_COLOUR, background, slideRates)
        .steps("zero lag", TRACK_COLOUR, events, ownRates)
        .points("events", EVENT_COLOUR, last(events, loud), last(ownRates, loud));
  }

  /** Events louder than all background. */
  private List<SearchEvent> loud() {
    return findings.events().stream().filter(SearchEvent::isUpperLimit).toList();
  }

  private double[] times(Findings.Track track, long originNs, double unitSeconds) {
    SearchSettings settings = findings.config().settings();
    double[] times = new double[track.statistics().length];
    long firstNs = track.ring().whitened().startNs() + Candidates.middleNs(settings) - originNs;
    for (int i = 0; i < times.length; i++) {
      times[i] = (firstNs + i * settings.strideNs()) / 1e9 / unitSeconds;
    }
    return times;
  }

  /** At each ascending value, how many are at least as large, a year. */
  private static double[] rates(double[] ascending, long livetimeNs) {
    double[] rates = new double[ascending.length];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = (rates.length - i) / (livetimeNs / 1e9) * Background.YEAR_SECONDS;
    }
    return rates;
  }

  private static double[] last(double[] values, int count) {
    return Arrays.copyOfRange(values, values.length - count, values.length);
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
