package org.etalon.analysis.search;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.strain.GpsTime;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A candidate of a live search, as soon as it is one.
 *
 * @param gpsNs when it merged, by the strain so far: the mean of the detectors' times
 * @param detectorGpsNs when each detector saw that, in the search's order
 * @param detectionStatistic the loudest average of scores
 * @param peakScore the largest score among those averaged
 * @param significance empty while there is no background
 * @param supersedesGpsNs the weaker one, nearer than the cluster time, that was told before
 * @param dataGpsNs strain to here had been taken in when it was found
 * @param latencySeconds from when the file with the last of that strain had been read
 */
public record LiveCandidate(
    long gpsNs,
    List<Long> detectorGpsNs,
    double detectionStatistic,
    double peakScore,
    Optional<Significance> significance,
    OptionalLong supersedesGpsNs,
    long dataGpsNs,
    double latencySeconds) {
  public LiveCandidate {
    detectorGpsNs = List.copyOf(detectorGpsNs);
  }

  /**
   * What the background so far says.
   *
   * @param louderBackground candidates of time slides at least as loud
   * @param farPerYear the false-alarm rate; an upper limit if none was as loud
   * @param pValue the probability that noise gives one as loud in the time searched so far
   * @param backgroundSeconds of time slides
   */
  public record Significance(
      long louderBackground, double farPerYear, double pValue, double backgroundSeconds) {
    public boolean isUpperLimit() {
      return louderBackground == 0;
    }
  }

  /**
   * The candidate as one line of JSON, times as GPS seconds; {@code far_per_year} and its
   * companions are there once there is a background.
   *
   * @param ifos the detectors in the search's order
   */
  public String toJson(List<String> ifos) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      time(json, "gps_time", gpsNs);
      for (int i = 0; i < ifos.size(); i++) {
        time(json, "gps_time_" + ifos.get(i).toLowerCase(Locale.ROOT), detectorGpsNs.get(i));
      }
      json.writeNumberProperty("detection_statistic", (float) detectionStatistic);
      json.writeNumberProperty("peak_score", (float) peakScore);
      significance.ifPresent(present -> write(json, present));
      supersedesGpsNs.ifPresent(weakerNs -> time(json, "supersedes", weakerNs));
      time(json, "data_until", dataGpsNs);
      json.writeNumberProperty("latency_seconds", (float) latencySeconds);
      json.writeEndObject();
    }
    return out.toString();
  }

  private static void write(JsonGenerator json, Significance significance) {
    json.writeNumberProperty("far_per_year", significance.farPerYear());
    json.writeBooleanProperty("far_is_upper_limit", significance.isUpperLimit());
    json.writeNumberProperty("p_value", significance.pValue());
    json.writeNumberProperty("louder_background", significance.louderBackground());
    json.writeNumberProperty("background_seconds", significance.backgroundSeconds());
  }

  private static void time(JsonGenerator json, String key, long gpsNs) {
    json.writeName(key);
    json.writeNumber(GpsTime.format(gpsNs));
  }
}
