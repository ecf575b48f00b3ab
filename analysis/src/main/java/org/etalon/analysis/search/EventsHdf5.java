package org.etalon.analysis.search;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.etalon.strain.GpsTime;

/**
 * The events and the background as HDF5.
 *
 * <p>{@code /foreground} has one array for each quantity, loudest event first, times also as whole
 * nanoseconds; {@code /background} the statistics of all slides, ascending. Both say how much time
 * they are of ({@code livetime_seconds}); the file says what was searched with what.
 */
final class EventsHdf5 {
  private EventsHdf5() {}

  static void write(Path path, Findings findings, RunIdentity identity) throws IOException {
    try (WritableHdfFile file = HdfFile.write(path)) {
      file.putAttribute("model", findings.model().id().name());
      findings.model().id().version().ifPresent(v -> file.putAttribute("model_version", v));
      file.putAttribute("run_sha256", identity.sha256());
      RunIdentity.settings(findings.config().settings(), findings.slides())
          .forEach(file::putAttribute);
      foreground(file.putGroup("foreground"), findings);
      WritableGroup background = file.putGroup("background");
      background.putAttribute("livetime_seconds", findings.background().livetimeNs() / 1e9);
      background.putDataset("detection_statistic", findings.background().ascending());
    } catch (HdfException e) {
      throw new IOException("%s: cannot be written: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static void foreground(WritableGroup group, Findings findings) {
    List<SearchEvent> events = findings.events();
    group.putAttribute("livetime_seconds", findings.livetimeNs() / 1e9);
    long[] times = events.stream().mapToLong(SearchEvent::gpsNs).toArray();
    group.putDataset("gps_time_ns", times);
    put(group, "gps_time", events, event -> GpsTime.toSeconds(event.gpsNs()));
    put(group, "detection_statistic", events, SearchEvent::detectionStatistic);
    put(group, "peak_score", events, SearchEvent::peakScore);
    put(group, "far_per_year", events, SearchEvent::farPerYear);
    put(group, "p_value", events, SearchEvent::pValue);
    int[] louder = events.stream().mapToInt(SearchEvent::louderBackground).toArray();
    group.putDataset("louder_background", louder);
    List<String> ifos = findings.config().ifos();
    for (int i = 0; i < ifos.size(); i++) {
      int detector = i;
      put(
          group,
          "gps_time_" + ifos.get(i),
          events,
          event -> GpsTime.toSeconds(event.detectorGpsNs().get(detector)));
    }
  }

  private static void put(
      WritableGroup group,
      String name,
      List<SearchEvent> events,
      ToDoubleFunction<SearchEvent> quantity) {
    group.putDataset(name, events.stream().mapToDouble(quantity).toArray());
  }
}
