package org.etalon.strain.segments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;

/** Text lists: segwizard's four columns (number, start, end, duration), or start and end. */
final class SegmentText {
  private SegmentText() {}

  static NamedSegments read(Path path, String text) throws IOException {
    List<Segment> segments = new ArrayList<>();
    List<String> lines = text.lines().toList();
    int columns = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("[#;%].*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      String[] words = line.split("[\\s,]+");
      if ((words.length != 2 && words.length != 4) || (columns != 0 && columns != words.length)) {
        throw refusal(
            path,
            i,
            "%d columns (expected: %s)"
                .formatted(
                    words.length,
                    columns == 0
                        ? "2, start and end; or 4, number, start, end, duration"
                        : columns));
      }
      columns = words.length;
      segments.add(segment(path, i, words));
    }
    String name = path.getFileName().toString();
    return new NamedSegments(name, new SegmentList(segments), Optional.empty());
  }

  private static Segment segment(Path path, int line, String[] words) throws IOException {
    int first = words.length == 4 ? 1 : 0;
    try {
      var segment = new Segment(GpsTime.parse(words[first]), GpsTime.parse(words[first + 1]));
      if (words.length == 4 && GpsTime.parse(words[3]) != segment.durationNs()) {
        throw refusal(
            path,
            line,
            "%s with a duration of %s s (expected: %s)"
                .formatted(segment, words[3], GpsTime.format(segment.durationNs())));
      }
      return segment;
    } catch (IllegalArgumentException e) {
      throw refusal(path, line, String.valueOf(e.getMessage()));
    }
  }

  private static IOException refusal(Path path, int line, String problem) {
    return new IOException("%s: line %d: %s".formatted(path, line + 1, problem));
  }
}
