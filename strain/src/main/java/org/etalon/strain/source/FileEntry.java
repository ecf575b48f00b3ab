package org.etalon.strain.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;

/**
 * A strain file and what its name says of it.
 *
 * @param observatory as in {@code H} or {@code HL}; empty if the name does not say
 * @param description of what the file holds, as in {@code H1_HOFT_C00}; the file's name if that is
 *     of another form
 * @param span its time, of whole seconds unless it was read from the file itself
 */
public record FileEntry(Path path, String observatory, String description, Segment span)
    implements Comparable<FileEntry> {
  /** LIGO-T050017: observatory, description, GPS start and duration in seconds. */
  private static final Pattern NAME =
      Pattern.compile("([A-Z][A-Z0-9]*)-([A-Za-z0-9_+#]+)-(\\d{1,10})-(\\d{1,7})\\.\\w+");

  private static final List<String> ENDINGS = List.of(".gwf", ".hdf5", ".hdf", ".h5");

  /** Whether a file's name ends like a strain file's. */
  public static boolean isStrainName(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /** What a name of the form {@code H-H1_HOFT-1262304000-4.gwf} says; empty for another form. */
  public static Optional<FileEntry> ofName(Path path) {
    Matcher name = NAME.matcher(path.getFileName().toString());
    if (!name.matches() || Long.parseLong(name.group(4)) == 0) {
      return Optional.empty();
    }
    long start = Long.parseLong(name.group(3));
    if (start >= 1L << 32) {
      return Optional.empty();
    }
    Segment span = Segment.ofSeconds(start, start + Long.parseLong(name.group(4)));
    return Optional.of(new FileEntry(path, name.group(1), name.group(2), span));
  }

  /**
   * What a file is by its name, or if that does not say, by its channels, from the first sample of
   * any to the last.
   */
  static FileEntry of(Path path) throws IOException {
    Optional<FileEntry> named = ofName(path);
    if (named.isPresent()) {
      return named.get();
    }
    try (StrainFile file = StrainFile.open(path)) {
      List<ChannelInfo> channels = file.channels();
      if (channels.isEmpty()) {
        throw new IOException(path + ": no time series (expected: at least one channel)");
      }
      long startNs = channels.stream().mapToLong(ChannelInfo::startNs).min().orElseThrow();
      long endNs = channels.stream().mapToLong(ChannelInfo::endNs).max().orElseThrow();
      String name = path.getFileName().toString();
      return new FileEntry(path, file.detector().orElse(""), name, new Segment(startNs, endNs));
    }
  }

  /** The name a file of this time has by the convention; parts of a second widen it. */
  public static String name(String observatory, String description, Segment span, String ending) {
    long start = Math.floorDiv(span.startNs(), GpsTime.NS_PER_SECOND);
    long end = -Math.floorDiv(-span.endNs(), GpsTime.NS_PER_SECOND);
    return "%s-%s-%d-%d.%s".formatted(observatory, description, start, end - start, ending);
  }

  /** In order of time, then of names. */
  @Override
  public int compareTo(FileEntry other) {
    int byTime = span.compareTo(other.span);
    return byTime != 0 ? byTime : path.compareTo(other.path);
  }
}
