package org.etalon.strain.opendata.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A strain file that is served, and what its name says: {@code
 * H-H1_GWOSC_4KHZ_R1-1126259447-32.hdf5}.
 */
record StandInFile(
    Path path, String detector, String tag, long gpsStart, long duration, String format) {
  private static final Pattern NAME =
      Pattern.compile("[A-Z]-([A-Z][0-9])_([A-Za-z0-9_]+)-([0-9]{1,10})-([0-9]{1,6})\\.(hdf5|gwf)");

  static List<StandInFile> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(StandInFile::of)
          .flatMap(Optional::stream)
          .sorted((a, b) -> a.name().compareTo(b.name()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<StandInFile> of(Path path) {
    Matcher name = NAME.matcher(path.getFileName().toString());
    if (!name.matches()) {
      return Optional.empty();
    }
    long start = Long.parseLong(name.group(3));
    long duration = Long.parseLong(name.group(4));
    return Optional.of(
        new StandInFile(path, name.group(1), name.group(2), start, duration, name.group(5)));
  }

  String name() {
    return path.getFileName().toString();
  }

  long gpsEnd() {
    return gpsStart + duration;
  }

  boolean holds(double gps) {
    return gpsStart <= gps && gps < gpsEnd();
  }

  boolean overlaps(long start, long end) {
    return gpsStart < end && gpsEnd() > start;
  }

  int sampleRate() {
    return tag.contains("16KHZ") || tag.contains("_16_") ? 16384 : 4096;
  }

  byte[] bytes() {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
