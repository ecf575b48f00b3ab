package org.etalon.strain.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.ChannelNotFoundException;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;

/**
 * Strain files in order of time, known by their names: no file is opened that has a name of the
 * usual form. Immutable.
 *
 * @param files sorted
 */
public record StrainCatalog(List<FileEntry> files) {
  public StrainCatalog {
    files = files.stream().sorted().toList();
  }

  /**
   * The files of places.
   *
   * @param places strain files, folders (all strain files in them and in folders below them), and
   *     cache files ({@code .lcf}, {@code .cache}, {@code .ffl})
   * @throws IOException if a place is missing, a folder has no strain files, or a line of a cache
   *     file is wrong; names it
   */
  public static StrainCatalog of(Collection<Path> places) throws IOException {
    List<FileEntry> files = new ArrayList<>();
    for (Path place : places) {
      if (Files.isDirectory(place)) {
        files.addAll(folder(place));
      } else if (CacheFile.isCacheName(place)) {
        files.addAll(CacheFile.read(place));
      } else {
        files.add(FileEntry.of(place));
      }
    }
    return new StrainCatalog(files);
  }

  /** Whether a place is a folder or a cache file, and so stands for files. */
  public static boolean isMany(Path place) {
    return Files.isDirectory(place) || CacheFile.isCacheName(place);
  }

  /**
   * The strain files that places name, for those who open each: places may be files of any name.
   */
  public static List<Path> paths(Collection<Path> places) throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Path place : places) {
      if (isMany(place)) {
        of(List.of(place)).files().forEach(file -> paths.add(file.path()));
      } else {
        paths.add(place);
      }
    }
    return paths;
  }

  private static List<FileEntry> folder(Path folder) throws IOException {
    List<FileEntry> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.filter(Files::isRegularFile).sorted().toList()) {
        if (FileEntry.isStrainName(path)) {
          files.add(FileEntry.of(path));
        }
      }
    }
    if (files.isEmpty()) {
      throw new IOException(
          "%s: no strain files in it (expected: .gwf, .hdf5, .hdf or .h5)".formatted(folder));
    }
    return files;
  }

  /** The times that the files' names promise. */
  public SegmentList segments() {
    return new SegmentList(files.stream().map(FileEntry::span).toList());
  }

  /**
   * The files that have a channel: those of one observatory and description. One file of each kind
   * is opened to see.
   *
   * @throws ChannelNotFoundException if no kind has it
   * @throws IOException if two kinds of files have it, or two files with it overlap; names them
   */
  public StrainCatalog with(String channel) throws IOException {
    List<List<FileEntry>> having = new ArrayList<>();
    LinkedHashSet<String> names = new LinkedHashSet<>();
    Collection<List<FileEntry>> kinds = kinds();
    for (List<FileEntry> kind : kinds) {
      try (StrainFile file = StrainFile.open(kind.getFirst().path())) {
        List<String> present = file.channels().stream().map(ChannelInfo::name).toList();
        names.addAll(present);
        if (present.contains(channel)) {
          having.add(kind);
        }
      }
    }
    if (having.isEmpty()) {
      Path first = files.isEmpty() ? Path.of("") : files.getFirst().path();
      throw new ChannelNotFoundException(first, channel, names);
    }
    var found = new StrainCatalog(having.stream().flatMap(List::stream).toList());
    found.requireDisjoint();
    return found;
  }

  /**
   * The files of one detector's strain: those whose names do not say another observatory, and of
   * which one kind has a strain channel. One file of each kind is opened to see.
   *
   * @param ifo as in {@code H1}
   * @throws IOException if no kind of file has it, or several; names them
   */
  public StrainCatalog strainOf(String ifo) throws IOException {
    List<List<FileEntry>> having = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    for (List<FileEntry> kind : kinds()) {
      FileEntry first = kind.getFirst();
      if (!first.observatory().isEmpty() && !first.observatory().contains(ifo.substring(0, 1))) {
        continue;
      }
      try (StrainFile file = StrainFile.open(first.path())) {
        file.strainChannel(ifo);
        having.add(kind);
      } catch (IOException e) {
        reasons.add(String.valueOf(e.getMessage()));
      }
    }
    if (having.size() != 1) {
      throw new IOException(
          having.isEmpty()
              ? "no file has strain of %s: %s".formatted(ifo, reasons)
              : "which of these is the strain of %s: %s? Name its channel"
                  .formatted(ifo, having.stream().map(kind -> kind.getFirst().path()).toList()));
    }
    var found = new StrainCatalog(having.getFirst());
    found.requireDisjoint();
    return found;
  }

  /**
   * Refuses files that overlap, since which of them holds is not for a reader to say.
   *
   * @throws IOException naming the first two
   */
  public void requireDisjoint() throws IOException {
    for (int i = 1; i < files.size(); i++) {
      FileEntry before = files.get(i - 1);
      FileEntry next = files.get(i);
      if (next.span().startNs() < before.span().endNs()) {
        throw new IOException(
            "%s and %s overlap: %s and %s (expected: one file for a time; name those that count, or move one away)"
                .formatted(before.path(), next.path(), before.span(), next.span()));
      }
    }
  }

  /** Files by what their names say they hold; those whose names do not say are of one kind. */
  private Collection<List<FileEntry>> kinds() {
    Map<String, List<FileEntry>> kinds = new TreeMap<>();
    for (FileEntry file : files) {
      boolean isNamed = FileEntry.ofName(file.path()).isPresent();
      String kind = isNamed ? file.observatory() + "-" + file.description() : "";
      kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(file);
    }
    return kinds.values();
  }
}
