package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.etalon.analysis.report.Axis;
import org.etalon.analysis.report.Plot;
import org.etalon.strain.signal.QGram;
import org.etalon.strain.signal.QGrid;
import org.etalon.strain.signal.QTransform;
import org.etalon.strain.signal.QTransformSettings;

/** Draws one event: what each detector saw, side by side on the same scales. */
final class EventPictures {
  /** The colours in which the field draws each detector. */
  private static final Map<String, String> DETECTOR_COLOURS =
      Map.of("H1", "#d62f2f", "L1", "#2b7fd0", "V1", "#8e4fb5", "K1", "#d99500");

  private static final String OTHER_COLOUR = "#222222";
  private static final String MARK_COLOUR = "#999999";
  private static final int WIDTH = 560;

  /** Shown before and after the merger; the signal is mostly before it. */
  private static final double BEFORE_SECONDS = 0.25;

  private static final double AFTER_SECONDS = 0.1;

  /** What is farther from the event is taken for noise. */
  private static final double NOISE_SECONDS = 0.5;

  private static final double MIN_HZ = 20;
  private static final double MAX_HZ = 500;
  private static final double MIN_Q = 4;
  private static final double MAX_Q = 20;
  private static final double MISMATCH = 0.2;
  private static final int COLUMNS = 280;
  private static final int ROWS = 150;

  /** Colours reach at least to this, so that noise alone stays dark. */
  private static final double MIN_SCALE = 15;

  private final SearchEvent event;
  private final WhiteStrain.Excerpt excerpt;
  private final List<String> ifos;

  /** The event, from the excerpt's start. */
  private final double eventSeconds;

  private final double maxHz;

  EventPictures(Findings.Pictured pictured, List<String> ifos) {
    this.event = pictured.event();
    this.excerpt = pictured.strain();
    this.ifos = ifos;
    this.eventSeconds = (event.gpsNs() - excerpt.startNs()) / 1e9;
    this.maxHz =
        Math.min(MAX_HZ, QTransformSettings.highestFrequencyHz(excerpt.sampleRateHz(), MIN_Q));
  }

  /** Whitened and band-passed strain, a picture for each detector. */
  List<Plot> strain() {
    List<double[]> strain = excerpt.detectors().stream().map(this::inSigmas).toList();
    double highest = 1;
    for (double[] one : strain) {
      highest = Math.max(highest, Arrays.stream(one).map(Math::abs).max().orElse(1));
    }
    List<Plot> plots = new ArrayList<>();
    for (int d = 0; d < ifos.size(); d++) {
      var y = Axis.around("Strain (\u03c3)", -highest, highest);
      plots.add(strain(d, strain.get(d), new Plot(WIDTH, 230, times(), y)));
    }
    return plots;
  }

  private Plot strain(int detector, double[] strain, Plot plot) {
    int rate = excerpt.sampleRateHz();
    int from = Math.max(0, (int) ((eventSeconds - BEFORE_SECONDS) * rate));
    int to = Math.min(strain.length, (int) ((eventSeconds + AFTER_SECONDS) * rate) + 2);
    double[] times = new double[to - from];
    for (int i = 0; i < times.length; i++) {
      times[i] = excerpt.seconds(from + i) - eventSeconds;
    }
    String ifo = ifos.get(detector);
    return plot.mark(MARK_COLOUR, (event.detectorGpsNs().get(detector) - event.gpsNs()) / 1e9)
        .line(
            ifo,
            DETECTOR_COLOURS.getOrDefault(ifo, OTHER_COLOUR),
            times,
            Arrays.copyOfRange(strain, from, to));
  }

  /** Time-frequency maps, a picture for each detector. */
  List<Plot> timeFrequency() {
    int size = excerpt.detectors().getFirst().length;
    var transform =
        QTransform.of(
            new QTransformSettings(
                excerpt.sampleRateHz(), size, MIN_Q, MAX_Q, MIN_HZ, maxHz, MISMATCH));
    List<double[][]> maps = excerpt.detectors().stream().map(s -> map(transform, s)).toList();
    double highest = MIN_SCALE;
    for (double[][] map : maps) {
      highest =
          Math.max(highest, Arrays.stream(map).flatMapToDouble(Arrays::stream).max().orElse(1));
    }
    List<Plot> plots = new ArrayList<>();
    for (int d = 0; d < ifos.size(); d++) {
      var y = Axis.logarithmic("Frequency (Hz)", MIN_HZ, maxHz);
      plots.add(
          new Plot(WIDTH, 270, times(), y)
              .colours(maps.get(d), Axis.linear("Energy / median", 0, highest))
              .title(ifos.get(d)));
    }
    return plots;
  }

  private Axis times() {
    String label = "Time from GPS " + SearchReport.seconds(event.gpsNs()) + " (s)";
    return Axis.linear(label, -BEFORE_SECONDS, AFTER_SECONDS);
  }

  /** Band-passed, over the standard deviation of what is far from the event. */
  private double[] inSigmas(double[] white) {
    var bandpass = MergerTime.bandpass(excerpt.sampleRateHz());
    double[] strain =
        white.length > bandpass.padding() ? bandpass.filterBothWays(white) : white.clone();
    double power = 0;
    int count = 0;
    for (int i = 0; i < strain.length; i++) {
      if (Math.abs(excerpt.seconds(i) - eventSeconds) > NOISE_SECONDS) {
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
  private double[][] map(QTransform transform, double[] white) {
    double start = Math.max(0, eventSeconds - BEFORE_SECONDS);
    QGram gram = transform.transform(white, start, eventSeconds + AFTER_SECONDS);
    double step = 1;
    int frequencies = (int) ((maxHz - MIN_HZ) / step) + 1;
    double pixel = (BEFORE_SECONDS + AFTER_SECONDS) / COLUMNS;
    var grid =
        new QGrid(
            eventSeconds - BEFORE_SECONDS + pixel / 2, pixel, COLUMNS, MIN_HZ, step, frequencies);
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
}
