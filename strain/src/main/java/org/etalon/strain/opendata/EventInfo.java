package org.etalon.strain.opendata;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One version of a published event.
 *
 * @param name its common name, such as {@code GW150914}
 * @param version its version; the same event is published again after better calibration or
 *     analysis
 * @param catalog short name of the catalog that lists it; empty where the API names none
 * @param gpsNs GPS time of the merger, in nanoseconds
 * @param links its strain files in the formats read here
 */
public record EventInfo(
    String name, int version, String catalog, long gpsNs, List<StrainLink> links) {
  public EventInfo {
    links = List.copyOf(links);
  }

  /** The detectors it has strain files of. */
  public SortedSet<String> detectors() {
    SortedSet<String> detectors = new TreeSet<>();
    links.forEach(link -> detectors.add(link.detector()));
    return detectors;
  }
}
