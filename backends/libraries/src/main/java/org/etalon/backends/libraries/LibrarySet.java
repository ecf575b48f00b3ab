package org.etalon.backends.libraries;

import java.util.List;

/**
 * The native libraries of a backend for one platform.
 *
 * @param name of the backend, as {@code etalon backends install} takes it
 * @param version of the framework; part of the folder's name
 * @param archives where the libraries are packed
 */
public record LibrarySet(String name, String version, List<Archive> archives) {
  public LibrarySet {
    archives = List.copyOf(archives);
  }

  /**
   * A jar or wheel and what is taken out of it.
   *
   * @param folder inside the archive, ending in a slash
   * @param libraries names of files in that folder
   */
  public record Archive(PinnedFile file, String folder, List<String> libraries) {
    public Archive {
      libraries = List.copyOf(libraries);
    }
  }

  /** Bytes to fetch. */
  public long downloadBytes() {
    return archives.stream().mapToLong(archive -> archive.file.bytes()).sum();
  }

  String folderName() {
    return name + "-" + version + "-" + Platform.name();
  }
}
