package org.etalon.analysis.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;

/** Finds the times that can be searched: those both detectors have strain of. */
final class CommonTime {
  private CommonTime() {}

  /**
   * The stretches to search, in order of time. Each begins and ends, before whitening takes half a
   * filter from both ends, at whole GPS seconds.
   *
   * @throws IOException if there is none that is long enough; says what each file has
   */
  static List<Ring> rings(List<StrainSource> detectors, SearchConfig config) throws IOException {
    SegmentList common = detectors.getFirst().present();
    for (StrainSource detector : detectors.subList(1, detectors.size())) {
      common = common.intersection(detector.present());
    }
    if (config.analysed().isPresent()) {
      common = common.intersection(config.analysed().get());
    }
    SearchSettings settings = config.settings();
    List<Ring> rings = new ArrayList<>();
    for (Segment segment : common.segments()) {
      long start = Math.ceilDiv(segment.startNs(), GpsTime.NS_PER_SECOND);
      long end = Math.floorDiv(segment.endNs(), GpsTime.NS_PER_SECOND);
      if (end - start >= settings.shortestSeconds()) {
        divide(Segment.ofSeconds(start, end), settings, rings);
      }
    }
    if (rings.isEmpty()) {
      throw new IOException(nothing(common, detectors, config));
    }
    return List.copyOf(rings);
  }

  /** Into the fewest parts that are no longer than a ring, equal to a second. */
  private static void divide(Segment segment, SearchSettings settings, List<Ring> into) {
    long fromNs = segment.startNs() + settings.halfFilterNs();
    long durationNs = segment.endNs() - settings.halfFilterNs() - fromNs;
    long second = GpsTime.NS_PER_SECOND;
    long parts = Math.ceilDiv(durationNs, settings.ringSeconds() * second);
    for (long i = 0; i < parts; i++) {
      long startNs = fromNs + durationNs / second * i / parts * second;
      long endNs =
          i == parts - 1
              ? fromNs + durationNs
              : fromNs + durationNs / second * (i + 1) / parts * second;
      into.add(
          new Ring(into.size(), new Segment(startNs, endNs), segment, settings.sampleRateHz()));
    }
  }

  private static String nothing(
      SegmentList common, List<StrainSource> detectors, SearchConfig config) {
    var message =
        new StringBuilder(
            "no strain to search: common to both detectors%s is %s (expected: at least %s s without a gap)"
                .formatted(
                    config.analysed().isPresent() ? " within the times asked for" : "",
                    common.isEmpty() ? "nothing" : common.segments(),
                    config.settings().shortestSeconds()));
    for (StrainSource detector : detectors) {
      for (InputFile file : detector.files()) {
        message.append(System.lineSeparator()).append("  ").append(file.describe());
      }
    }
    return message.toString();
  }
}
