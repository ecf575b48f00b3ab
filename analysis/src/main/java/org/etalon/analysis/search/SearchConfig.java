package org.etalon.analysis.search;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.ModelId;
import org.etalon.strain.SegmentList;

/**
 * What to search with what, and where to put the result.
 *
 * @param detectors exactly two, in the order of the network's channels; time slides offset the
 *     second
 * @param model without a version: the highest that is ready when the search begins
 * @param output a folder that is not there, is empty, or has the progress of the same search
 * @param analysed times to search, such as those of good data quality; empty: all there is
 */
public record SearchConfig(
    List<DetectorStrain> detectors,
    ModelId model,
    Path output,
    Optional<SegmentList> analysed,
    SearchSettings settings) {
  public SearchConfig {
    detectors = List.copyOf(detectors);
    List<String> ifos = detectors.stream().map(DetectorStrain::ifo).toList();
    if (ifos.size() != 2 || ifos.getFirst().equals(ifos.getLast())) {
      throw new IllegalArgumentException(
          "detectors: %s (expected: two different ones)".formatted(ifos));
    }
  }

  /** A search of all times with the default settings. */
  public static SearchConfig of(
      DetectorStrain first, DetectorStrain second, ModelId model, Path output) {
    return new SearchConfig(
        List.of(first, second), model, output, Optional.empty(), SearchSettings.defaults());
  }

  public SearchConfig with(SearchSettings other) {
    return new SearchConfig(detectors, model, output, analysed, other);
  }

  public SearchConfig within(SegmentList times) {
    return new SearchConfig(detectors, model, output, Optional.of(times), settings);
  }

  /** The detectors' names, in order. */
  public List<String> ifos() {
    return detectors.stream().map(DetectorStrain::ifo).toList();
  }
}
