package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.segments.NamedSegments;
import org.etalon.strain.segments.SegmentFile;

/**
 * A list of segments as the command line names one, {@code FILE} or {@code FILE#NAME}.
 *
 * @param name empty: the only one in the file
 */
record SegmentArgument(Path file, Optional<String> name) {
  /** All of GPS time, from which vetoes are taken where nothing else is asked for. */
  private static final SegmentList EVER = SegmentList.of(Segment.ofSeconds(0, 1L << 32));

  static SegmentArgument of(String argument) {
    int hash = argument.lastIndexOf('#');
    return hash < 0
        ? new SegmentArgument(Path.of(argument), Optional.empty())
        : new SegmentArgument(
            Path.of(argument.substring(0, hash)), Optional.of(argument.substring(hash + 1)));
  }

  /** The list that is named, or all of the file. */
  List<NamedSegments> lists() throws IOException {
    return name.isEmpty()
        ? SegmentFile.read(file)
        : List.of(new NamedSegments(name.get(), read(), Optional.empty()));
  }

  SegmentList read() throws IOException {
    return SegmentFile.read(file, name);
  }

  /**
   * The times in all of some lists and in none of others; empty if neither is given.
   *
   * @param within lists to stay within
   * @param vetoes lists to leave out
   */
  static Optional<SegmentList> times(List<String> within, List<String> vetoes) throws IOException {
    if (within.isEmpty() && vetoes.isEmpty()) {
      return Optional.empty();
    }
    SegmentList times = EVER;
    for (String list : within) {
      times = times.intersection(of(list).read());
    }
    for (String list : vetoes) {
      times = times.subtract(of(list).read());
    }
    return Optional.of(times);
  }
}
