package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.source.FileEntry;
import org.etalon.strain.source.StrainCatalog;

/** The strain files of a detector as the command line names them. */
final class StrainArguments {
  private StrainArguments() {}

  /**
   * Files as they are named; of folders and cache files those that have the detector's strain.
   *
   * @param places separated by commas
   * @param channel empty: found by its name
   */
  static List<Path> files(String ifo, String places, Optional<String> channel) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String place : places.split(",", -1)) {
      Path path = Path.of(place);
      if (StrainCatalog.isMany(path)) {
        StrainCatalog all = StrainCatalog.of(List.of(path));
        StrainCatalog found = channel.isPresent() ? all.with(channel.get()) : all.strainOf(ifo);
        found.files().stream().map(FileEntry::path).forEach(files::add);
      } else {
        files.add(path);
      }
    }
    return files;
  }
}
