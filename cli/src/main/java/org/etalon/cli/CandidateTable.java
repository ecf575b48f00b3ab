package org.etalon.cli;

import java.util.Locale;
import org.etalon.analysis.search.SearchEvent;
import org.etalon.analysis.search.SearchResult;
import org.etalon.strain.GpsTime;

/** A search's candidates on stdout, and where the report is. */
final class CandidateTable {
  private static final int SHOWN = 10;

  private CandidateTable() {}

  static void print(SearchResult result, boolean asJson) {
    TextTable table =
        new TextTable("gps_time", "score", "detection_statistic", "far_per_year", "p_value");
    int count = asJson ? result.events().size() : Math.min(SHOWN, result.events().size());
    for (SearchEvent event : result.events().subList(0, count)) {
      table.row(
          GpsTime.format(event.gpsNs()),
          rounded(event.peakScore(), 2),
          rounded(event.detectionStatistic(), 2),
          limit(event, "%.3g", event.farPerYear()),
          limit(event, "%.2g", event.pValue()));
    }
    table.print(asJson);
    if (!asJson) {
      System.out.printf(
          Locale.ROOT,
          "%d candidates in %.1f s, against %.0f s of time slides whose loudest is %.2f; model %s%n",
          result.events().size(),
          result.livetimeNs() / 1e9,
          result.backgroundLivetimeNs() / 1e9,
          result.loudestBackground(),
          result.model());
      System.out.println("report: " + result.output().resolve("report.html"));
    }
  }

  private static Number rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.rint(value * scale) / scale;
  }

  private static String limit(SearchEvent event, String format, double value) {
    return (event.isUpperLimit() ? "< " : "") + String.format(Locale.ROOT, format, value);
  }
}
