package org.etalon.analysis.search;

import java.util.Locale;
import org.etalon.strain.GpsTime;

/** The events as comma-separated values, loudest first, with a header. */
final class ForegroundCsv {
  private ForegroundCsv() {}

  static String text(Findings findings) {
    var text = new StringBuilder("gps_time,detection_statistic,far_per_year,far_is_upper_limit,");
    text.append("p_value,louder_background,peak_score");
    for (String ifo : findings.config().ifos()) {
      text.append(",gps_time_").append(ifo.toLowerCase(Locale.ROOT));
    }
    text.append('\n');
    for (SearchEvent event : findings.events()) {
      line(text, event);
    }
    return text.toString();
  }

  private static void line(StringBuilder text, SearchEvent event) {
    text.append(GpsTime.format(event.gpsNs())).append(',');
    text.append((float) event.detectionStatistic()).append(',');
    text.append(event.farPerYear()).append(',');
    text.append(event.isUpperLimit()).append(',');
    text.append(event.pValue()).append(',');
    text.append(event.louderBackground()).append(',');
    text.append((float) event.peakScore());
    for (long gpsNs : event.detectorGpsNs()) {
      text.append(',').append(GpsTime.format(gpsNs));
    }
    text.append('\n');
  }
}
