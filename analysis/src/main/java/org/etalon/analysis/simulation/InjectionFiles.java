package org.etalon.analysis.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.etalon.strain.GpsTime;

/** The truth beside simulated strain: {@code injections.csv} and {@code injections.json}. */
final class InjectionFiles {
  private static final List<String> COLUMNS =
      List.of(
          "gps_time",
          "mass1_suns",
          "mass2_suns",
          "spin1",
          "spin2",
          "distance_mpc",
          "right_ascension",
          "declination",
          "polarisation",
          "inclination",
          "phase",
          "network_snr");

  private InjectionFiles() {}

  static void write(Path folder, List<String> detectors, List<Injection> injections)
      throws IOException {
    List<Map<String, String>> rows = injections.stream().map(each -> row(each, detectors)).toList();
    var csv = new StringBuilder(String.join(",", header(detectors))).append('\n');
    var json = new StringBuilder("[");
    for (Map<String, String> row : rows) {
      csv.append(String.join(",", row.values())).append('\n');
      json.append(json.length() > 1 ? ",\n {" : "\n {");
      String separator = "";
      for (Map.Entry<String, String> cell : row.entrySet()) {
        json.append(separator).append('"').append(cell.getKey()).append("\": ");
        json.append(cell.getValue());
        separator = ", ";
      }
      json.append('}');
    }
    json.append(rows.isEmpty() ? "]\n" : "\n]\n");
    Files.writeString(folder.resolve("injections.csv"), csv);
    Files.writeString(folder.resolve("injections.json"), json);
  }

  private static List<String> header(List<String> detectors) {
    List<String> all = new ArrayList<>(COLUMNS);
    for (String ifo : detectors) {
      all.add("gps_time_" + ifo);
      all.add("snr_" + ifo);
    }
    return all;
  }

  /** Numbers as text; all are valid JSON. */
  private static Map<String, String> row(Injection injection, List<String> detectors) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("gps_time", GpsTime.format(injection.gpsNs()));
    row.put("mass1_suns", number(injection.binary().mass1()));
    row.put("mass2_suns", number(injection.binary().mass2()));
    row.put("spin1", number(injection.binary().spin1()));
    row.put("spin2", number(injection.binary().spin2()));
    row.put("distance_mpc", number(injection.distance()));
    row.put("right_ascension", number(injection.sky().rightAscension()));
    row.put("declination", number(injection.sky().declination()));
    row.put("polarisation", number(injection.sky().polarisation()));
    row.put("inclination", number(injection.inclination()));
    row.put("phase", number(injection.phase()));
    row.put("network_snr", number(injection.networkSnr()));
    for (String ifo : detectors) {
      row.put("gps_time_" + ifo, GpsTime.format(injection.arrivalNs().getOrDefault(ifo, 0L)));
      row.put("snr_" + ifo, number(injection.snr().getOrDefault(ifo, 0.0)));
    }
    return row;
  }

  private static String number(double value) {
    return Double.toString(value);
  }
}
