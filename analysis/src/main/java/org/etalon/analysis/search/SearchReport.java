package org.etalon.analysis.search;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.etalon.analysis.report.HtmlPage;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;

/** The report: what was found, how sure it is, and what it looks like. */
final class SearchReport {
  /** Strain kept on either side of an event for its pictures. */
  static final double EXCERPT_SECONDS = 2;

  private static final int ROWS = 10;
  private static final int MAX_FILES = 20;

  private final Findings findings;
  private final SearchProgress progress;
  private final SearchPictures pictures;

  SearchReport(Findings findings, SearchProgress progress) {
    this.findings = findings;
    this.progress = progress;
    this.pictures = new SearchPictures(findings);
  }

  String html() {
    List<String> ifos = findings.config().ifos();
    var page =
        new HtmlPage("Search of %s and %s strain".formatted(ifos.getFirst(), ifos.getLast()));
    page.paragraph(summary());
    events(page);
    page.heading("Score");
    page.picture(pictures.scores(), scoreCaption());
    page.heading("Events and background");
    page.picture(pictures.rates(), rateCaption());
    eventPictures(page);
    run(page);
    return page.html();
  }

  private String summary() {
    Segment whole =
        new Segment(
            findings.rings().getFirst().whitened().startNs(),
            findings.rings().getLast().whitened().endNs());
    long certain = findings.events().stream().filter(SearchEvent::isUpperLimit).count();
    return "%s searched between GPS %s and %s with model %s. %s louder than all %d candidates of %s of background from %d time slides."
        .formatted(
            duration(findings.livetimeNs()),
            GpsTime.format(whole.startNs()),
            GpsTime.format(whole.endNs()),
            findings.model().id(),
            certain == 0 ? "No event is" : certain == 1 ? "One event is" : certain + " events are",
            findings.background().size(),
            duration(findings.background().livetimeNs()),
            findings.slides());
  }

  private void events(HtmlPage page) {
    List<String> header =
        new ArrayList<>(
            List.of("GPS time (s)", "Statistic", "FAR (1/yr)", "p-value", "Louder in background"));
    findings.config().ifos().forEach(ifo -> header.add("Time at " + ifo + " (s)"));
    List<List<String>> rows = findings.events().stream().limit(ROWS).map(this::cells).toList();
    page.heading("Events");
    page.table(header, rows);
    int left = findings.events().size() - rows.size();
    page.paragraph(
        "%sFAR: false-alarm rate, (1 + louder) / background time. With \u2264 it is an upper limit: nothing in the background was as loud, and more time slides or more strain would lower it. p-value: the probability that noise gives one as loud in the time searched."
            .formatted(left > 0 ? "Quieter ones, " + left + " more, are in foreground.csv. " : ""));
  }

  private List<String> cells(SearchEvent event) {
    String limit = event.isUpperLimit() ? "\u2264 " : "";
    List<String> cells =
        new ArrayList<>(
            List.of(
                seconds(event.gpsNs()),
                String.format(Locale.ROOT, "%.2f", event.detectionStatistic()),
                limit + figures(event.farPerYear()),
                limit + figures(event.pValue()),
                Integer.toString(event.louderBackground())));
    event.detectorGpsNs().forEach(gpsNs -> cells.add(seconds(gpsNs)));
    return cells;
  }

  private void eventPictures(HtmlPage page) {
    List<Findings.Pictured> pictured = findings.pictured();
    page.heading("Pictures");
    page.paragraph(
        "First whitened strain, band-passed from 35 to 350 Hz, in units of its standard deviation"
            + " away from the event, with a dashed line when this detector saw it; then its Q"
            + " transform, as energy over the median of the frequency. Times are relative to the"
            + " event's.");
    long drawn = 0;
    for (Findings.Pictured event : pictured) {
      page.heading("Event at GPS " + seconds(event.event().gpsNs()));
      var drawing = new EventPictures(event, findings.config().ifos());
      page.pictures(drawing.strain());
      page.pictures(drawing.timeFrequency());
      progress.update(SearchProgress.Stage.REPORT, ++drawn, pictured.size());
    }
  }

  private void run(HtmlPage page) {
    page.heading("Run");
    List<List<String>> rows = new ArrayList<>();
    RunIdentity.settings(findings.config().settings(), findings.slides())
        .forEach((key, value) -> rows.add(List.of(key, value.toString())));
    page.table(List.of("Setting", "Value"), rows);
    page.heading("Strain");
    List<List<String>> files = new ArrayList<>();
    for (StrainSource source : findings.sources()) {
      for (InputFile file : source.files()) {
        files.add(List.of(file.path().getFileName().toString(), file.channel(), file.sha256()));
      }
    }
    page.table(List.of("File", "Channel", "SHA-256"), files.stream().limit(MAX_FILES).toList());
    if (files.size() > MAX_FILES) {
      page.paragraph("All %d files are in run.json.".formatted(files.size()));
    }
  }

  private String scoreCaption() {
    return "The model's score at zero lag, averaged over %s s, at the middle of its windows."
        .formatted(findings.config().settings().integrationSeconds());
  }

  private String rateCaption() {

    return "How often candidates at least as loud occur, of %d at zero lag and of %d in time slides."
        .formatted(findings.events().size(), findings.background().size());
  }

  /** To the millisecond. */
  static String seconds(long gpsNs) {
    return BigDecimal.valueOf(gpsNs, 9).setScale(3, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static String figures(double value) {
    return value >= 0.001 && value < 1e5
        ? String.format(Locale.ROOT, "%.3g", value)
        : String.format(Locale.ROOT, "%.1e", value);
  }

  private static String duration(long ns) {
    double seconds = ns / 1e9;
    if (seconds < 600) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return seconds < 36_000
        ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
        : String.format(Locale.ROOT, "%.2f d", seconds / 86_400);
  }
}
