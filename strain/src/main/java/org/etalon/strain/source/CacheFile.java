package org.etalon.strain.source;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;

/**
 * Lists of frame files: LAL cache files ({@code H H1_HOFT 1262304000 4 file://localhost/...}),
 * their {@code .lcf} name, Virgo's frame file lists ({@code /path/V-X-1262304000-4.gwf 1262304000 4
 * 0 0}, {@code .ffl}), and lists of nothing but paths. Blank lines and those that begin with {@code
 * #} do not count. Relative paths are from the list's folder.
 */
final class CacheFile {
  private static final List<String> ENDINGS = List.of(".lcf", ".cache", ".ffl");

  private final Path path;

  private CacheFile(Path path) {
    this.path = path;
  }

  static boolean isCacheName(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /**
   * Reads a list; opens no file that is on it, unless it gives no more than a path whose name does
   * not say its time.
   *
   * @throws IOException if a line is of no known form; gives its number
   */
  static List<FileEntry> read(Path path) throws IOException {
    var cache = new CacheFile(path);
    List<FileEntry> entries = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(path);
    } catch (CharacterCodingException e) {
      throw new IOException(path + ": not a text file (expected: a cache file)", e);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        entries.add(cache.entry(i + 1, line.split("\\s+")));
      }
    }
    return entries;
  }

  private FileEntry entry(int number, String[] columns) throws IOException {
    return switch (columns.length) {
      case 1 -> FileEntry.of(file(number, columns[0]));
      case 5 ->
          columns[0].contains("/") || columns[0].endsWith(".gwf")
              ? frameFileList(number, columns)
              : lal(number, columns);
      default ->
          throw refusal(
              number,
              "%d columns (expected: 5, OBS DESCRIPTION GPS DURATION URL or PATH GPS DURATION 0 0; or 1, a path)"
                  .formatted(columns.length));
    };
  }

  private FileEntry lal(int number, String[] columns) throws IOException {
    Segment span = span(number, columns[2], columns[3]);
    return new FileEntry(file(number, columns[4]), columns[0], columns[1], span);
  }

  private FileEntry frameFileList(int number, String[] columns) throws IOException {
    Path file = file(number, columns[0]);
    Segment span = span(number, columns[1], columns[2]);
    return FileEntry.ofName(file)
        .map(named -> new FileEntry(file, named.observatory(), named.description(), span))
        .orElseGet(() -> new FileEntry(file, "", file.getFileName().toString(), span));
  }

  private Segment span(int number, String start, String duration) throws IOException {
    try {
      long startNs = GpsTime.parse(decimal(start));
      return new Segment(startNs, Math.addExact(startNs, GpsTime.parse(decimal(duration))));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refusal(
          number,
          "start '%s' and duration '%s' (expected: GPS seconds, and seconds above 0)"
              .formatted(start, duration));
    }
  }

  /** Lists of Virgo write whole seconds with six decimals. */
  private static String decimal(String seconds) {
    return seconds.endsWith(".") ? seconds.substring(0, seconds.length() - 1) : seconds;
  }

  private Path file(int number, String text) throws IOException {
    if (!text.contains("://") && !text.startsWith("file:")) {
      return path.resolveSibling(text);
    }
    try {
      URI uri = new URI(text);
      boolean isLocal =
          "file".equals(uri.getScheme())
              && uri.getPath() != null
              && (uri.getHost() == null || uri.getHost().equals("localhost"));
      if (isLocal) {
        return Path.of(uri.getPath());
      }
    } catch (URISyntaxException _) {
      // refused below
    }
    throw refusal(number, "'%s' (expected: a path, or file://localhost/PATH)".formatted(text));
  }

  private IOException refusal(int number, String problem) {
    return new IOException("%s: line %d: %s".formatted(path, number, problem));
  }
}
