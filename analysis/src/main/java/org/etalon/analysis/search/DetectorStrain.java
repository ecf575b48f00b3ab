package org.etalon.analysis.search;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where one detector's strain is.
 *
 * @param ifo the detector, as in {@code H1}
 * @param files HDF5 or GWF, in any order, at least one; gaps between them are kept
 * @param channel its name in every file; empty: found by its name
 */
public record DetectorStrain(String ifo, List<Path> files, Optional<String> channel) {
  public DetectorStrain {
    files = List.copyOf(files);
    if (!ifo.matches("[A-Z][0-9]")) {
      throw new IllegalArgumentException("ifo: '%s' (expected: as in H1)".formatted(ifo));
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException("files of " + ifo + ": none (expected: at least one)");
    }
  }

  /** A detector's strain whose channel is found by its name. */
  public static DetectorStrain of(String ifo, Path... files) {
    return new DetectorStrain(ifo, List.of(files), Optional.empty());
  }
}
