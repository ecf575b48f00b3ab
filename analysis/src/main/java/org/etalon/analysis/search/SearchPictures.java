package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.etalon.analysis.report.Axis;
import org.etalon.analysis.report.Plot;
import org.etalon.strain.GpsTime;
import org.etalon.strain.signal.QGram;
import org.etalon.strain.signal.QGrid;
import org.etalon.strain.signal.QTransform;
import org.etalon.strain.signal.QTransformSettings;

/** Draws the pictures of a search's report. */
final class SearchPictures {
  /** The colours in which the field draws each detector. */
  private static final Map<String, String> DETECTOR_COLOURS =
      Map.of("H1", "#d62f2f", "L1", "#2b7fd0", "V1", "#8e4fb5", "K1", "#d99500", "G1", "#222222");

  private static final String EVENT_COLOUR = "#d62f2f";
  private static final String BACKGROUND_COLOUR = "#777777";
  private static final String TRACK_COLOUR = "#2b6cb0";
  private static final int WIDE = 960;
  private static final int HALF = 560;

  /** Shown before and after the merger; the signal is mostly before it. */
  private static final double BEFORE_SECONDS = 0.25;

  private static final double AFTER_SECONDS = 0.1;
  private static final double MIN_HZ = 20;
  private static final double MAX_HZ = 500;
  private static final double MIN_Q = 4;
  private static final double MAX_Q = 20;
  private static final double MISMATCH = 0.2;
  private static final int COLUMNS = 280;
  private static final int ROWS = 150;

  /** Colours reach at least to this, so that noise alone stays dark. */
  private static final double MIN_SCALE = 15;

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
    double lowest = findings.background().loudest();
    double highest = findings.background().loudest();
    for (Findings.Track track : findings.tracks()) {
      for (float statistic : track.statistics()) {
        lowest = Math.min(lowest, statistic);
        highest = Math.max(highest, statistic);
      }
    }
    var plot = new Plot(WIDE, 320, x, Axis.around("Detection statistic", lowest, highest));
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

  /** Whitened and band-passed strain around an event, a picture for each detector. */
  List<Plot> strain(Findings.Pictured pictured) {
    WhiteStrain.Excerpt excerpt = pictured.strain();
    double event = (pictured.event().gpsNs() - excerpt.startNs()) / 1e9;
    List<double[]> shown = new ArrayList<>();
    double highest = 0;
    for (double[] white : excerpt.detectors()) {
      double[] strain = inSigmas(white, excerpt, event);
      shown.add(strain);
      highest = Math.max(highest, Arrays.stream(strain).map(Math::abs).max().orElse(1));
    }
    List<Plot> plots = new ArrayList<>();
    for (int d = 0; d < shown.size(); d++) {
      String ifo = findings.config().ifos().get(d);
      int from = Math.max(0, (int) ((event - BEFORE_SECONDS) * excerpt.sampleRateHz()));
      int to =
          Math.min(
              shown.get(d).length, (int) ((event + AFTER_SECONDS) * excerpt.sampleRateHz()) + 2);
      double[] times = new double[to - from];
      for (int i = 0; i < times.length; i++) {
        times[i] = excerpt.seconds(from + i) - event;
      }
      double seen = (pictured.event().detectorGpsNs().get(d) - pictured.event().gpsNs()) / 1e9;
      plots.add(
          new Plot(HALF, 230, timeAxis(pictured), Axis.around("Strain (\u03c3)", -highest, highest))
              .mark("#999999", seen)
              .line(ifo, colour(ifo), times, Arrays.copyOfRange(shown.get(d), from, to)));
    }
    return plots;
  }

  /** Time-frequency maps of an event, a picture for each detector, in the same colours. */
  List<Plot> timeFrequency(Findings.Pictured pictured) {
    WhiteStrain.Excerpt excerpt = pictured.strain();
    int size = excerpt.detectors().getFirst().length;
    double event = (pictured.event().gpsNs() - excerpt.startNs()) / 1e9;
    double maxHz =
        Math.min(MAX_HZ, QTransformSettings.highestFrequencyHz(excerpt.sampleRateHz(), MIN_Q));
    var transform =
        QTransform.of(
            new QTransformSettings(
                excerpt.sampleRateHz(), size, MIN_Q, MAX_Q, MIN_HZ, maxHz, MISMATCH));
    List<double[][]> maps = new ArrayList<>();
    double highest = MIN_SCALE;
    for (double[] white : excerpt.detectors()) {
      QGram gram =
          transform.transform(white, Math.max(0, event - BEFORE_SECONDS), event + AFTER_SECONDS);
      double[][] map = logarithmic(gram, event, maxHz);
      maps.add(map);
      highest =
          Math.max(highest, Arrays.stream(map).flatMapToDouble(Arrays::stream).max().orElse(1));
    }
    List<Plot> plots = new ArrayList<>();
    for (int d = 0; d < maps.size(); d++) {
      plots.add(
          new Plot(HALF, 270, timeAxis(pictured), Axis.logarithmic("Frequency (Hz)", MIN_HZ, maxHz))
              .colours(maps.get(d), Axis.linear("Energy / median", 0, highest))
              .title(findings.config().ifos().get(d)));
    }
    return plots;
  }

  private static Axis timeAxis(Findings.Pictured pictured) {
    String label = "Time from GPS " + SearchReport.seconds(pictured.event().gpsNs()) + " (s)";
    return Axis.linear(label, -BEFORE_SECONDS, AFTER_SECONDS);
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

  /** Band-passed, over the standard deviation of what is more than 0.5 s from the event. */
  private static double[] inSigmas(double[] white, WhiteStrain.Excerpt excerpt, double event) {
    var bandpass = MergerTime.bandpass(excerpt.sampleRateHz());
    double[] strain =
        white.length > bandpass.padding() ? bandpass.filterBothWays(white) : white.clone();
    double power = 0;
    int count = 0;
    for (int i = 0; i < strain.length; i++) {
      if (Math.abs(excerpt.seconds(i) - event) > 0.5) {
        power += strain[i] * strain[i];
        count++;
      }
    }
    double sigma = count == 0 || power == 0 ? 1 : Math.sqrt(power / count);
    for (int i = 0; i < strain.length; i++) {
      strain[i] /= sigma;
    }
    return strain;
  }

  /** The map's rows at frequencies evenly spaced in their logarithm. */
  private static double[][] logarithmic(QGram gram, double event, double maxHz) {
    double step = 1;
    int frequencies = (int) ((maxHz - MIN_HZ) / step) + 1;
    double pixel = (BEFORE_SECONDS + AFTER_SECONDS) / COLUMNS;
    var grid =
        new QGrid(event - BEFORE_SECONDS + pixel / 2, pixel, COLUMNS, MIN_HZ, step, frequencies);
    double[][] linear = gram.image(grid);
    double[][] map = new double[COLUMNS][ROWS];
    for (int row = 0; row < ROWS; row++) {
      double hz = MIN_HZ * Math.pow(maxHz / MIN_HZ, (row + 0.5) / ROWS);
      double place = Math.min((hz - MIN_HZ) / step, frequencies - 1.001);
      int below = (int) place;
      for (int column = 0; column < COLUMNS; column++) {
        double[] at = linear[column];
        map[column][row] = at[below] + (place - below) * (at[below + 1] - at[below]);
      }
    }
    return map;
  }

  private static String colour(String ifo) {
    return DETECTOR_COLOURS.getOrDefault(ifo.toUpperCase(Locale.ROOT), "#222222");
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
