package org.etalon.strain.opendata;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code /archive/START/END/json/}: {@code {"events": {...}, "runs": {"O1": {...}, ...}}}.
 */
final class DatasetAnswers {
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern DETECTOR = Pattern.compile("[A-Z][0-9]");
  // Listed among the runs, but pages about them: they have no strain.
  private static final Set<String> NOT_DATA = Set.of("tenyear", "history");

  private DatasetAnswers() {}

  /** An observing run's data at one sample rate, such as {@code O3a_4KHZ_R1}. */
  record Dataset(String name, Set<String> detectors) {}

  /** The data sets of the answer, in its order. */
  static List<Dataset> read(byte[] body, URI url) throws IOException {
    return JsonCursor.read(
        body,
        url,
        cursor -> {
          List<Dataset> datasets = new ArrayList<>();
          cursor.object(field -> {
            if (field.equals("runs")) {
              cursor.object(name -> readRun(cursor, name, datasets));
            } else {
              cursor.skip();
            }
          });
          return datasets;
        });
  }

  private static void readRun(JsonCursor cursor, String name, List<Dataset> into)
      throws IOException {
    Set<String> detectors = new HashSet<>();
    cursor.object(field -> {
      if (field.equals("detectors")) {
        cursor.array(() -> detectors.add(cursor.text()));
      } else {
        cursor.skip();
      }
    });
    // Names become parts of addresses: one that would change the address's meaning is none of
    // GWOSC's.
    detectors.removeIf(detector -> !DETECTOR.matcher(detector).matches());
    if (PLAIN_NAME.matcher(name).matches() && !NOT_DATA.contains(name)) {
      into.add(new Dataset(name, detectors));
    }
  }
}
