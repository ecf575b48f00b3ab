package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.etalon.analysis.search.DetectorStrain;
import org.etalon.strain.opendata.OpenData;
import org.etalon.strain.opendata.OpenDataConfig;
import org.etalon.strain.opendata.StrainSelection;

/** The public strain of two detectors around an event. */
final class EventStrain {
  private EventStrain() {}

  /**
   * @param detectors in the order of the result
   */
  static List<DetectorStrain> fetch(OpenDataConfig config, String event, List<String> detectors)
      throws IOException {
    List<DetectorStrain> sources = new ArrayList<>();
    try (OpenData openData = OpenData.open(config);
        DownloadProgress progress = new DownloadProgress()) {
      var info = openData.event(event, progress);
      for (String detector : new LinkedHashSet<>(detectors)) {
        StrainSelection selection = StrainSelection.USUAL.withDetectors(java.util.Set.of(detector));
        List<Path> files = openData.fetch(info, selection, progress);
        sources.add(DetectorStrain.of(detector, files.toArray(Path[]::new)));
      }
    }
    return sources;
  }
}
