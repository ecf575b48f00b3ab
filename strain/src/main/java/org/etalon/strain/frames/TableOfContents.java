package org.etalon.strain.frames;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.LeapSeconds;
import org.etalon.strain.Segment;

/** Notes where frames and channels begin, and writes the FrTOC of it. */
final class TableOfContents {
  private static final int RUN = 0;

  private final List<Segment> frames = new ArrayList<>();
  private final List<Long> headers = new ArrayList<>();
  private final List<Long> firstAdc = new ArrayList<>();
  private final Map<ChannelInfo.Kind, Map<String, List<Long>>> channels = new TreeMap<>();

  void addFrame(Segment span, long position) {
    frames.add(span);
    headers.add(position);
    firstAdc.add(0L);
  }

  void addChannel(ChannelInfo.Kind kind, String name, long position) {
    channels
        .computeIfAbsent(kind, _ -> new TreeMap<>(Comparator.naturalOrder()))
        .computeIfAbsent(name, _ -> new ArrayList<>())
        .add(position);
    if (kind == ChannelInfo.Kind.ADC && firstAdc.getLast() == 0) {
      firstAdc.set(firstAdc.size() - 1, position);
    }
  }

  int frames() {
    return frames.size();
  }

  void requireAfter(Segment span) {
    if (!frames.isEmpty() && span.startNs() < frames.getLast().endNs()) {
      throw new IllegalArgumentException(
          "span: %s (expected: from %s on, where the frame before ends)"
              .formatted(span, GpsTime.format(frames.getLast().endNs())));
    }
  }

  StructureBytes bytes(List<FrameClass> described) {
    var toc = new StructureBytes();
    toc.int16(LeapSeconds.at(frames.getFirst().startNs())).int32(frames.size());
    frames.forEach(_ -> toc.int32(0)); // data quality
    frames.forEach(span -> toc.int32(Math.floorDiv(span.startNs(), GpsTime.NS_PER_SECOND)));
    frames.forEach(span -> toc.int32(Math.floorMod(span.startNs(), GpsTime.NS_PER_SECOND)));
    frames.forEach(span -> toc.real64(GpsTime.toSeconds(span.durationNs())));
    frames.forEach(_ -> toc.int32(RUN));
    for (int i = 0; i < frames.size(); i++) {
      toc.int32(i);
    }
    headers.forEach(toc::int64);
    firstAdc.forEach(toc::int64);
    for (int i = 0; i < 3 * frames.size(); i++) {
      toc.int64(0); // first serial data, table, message: none
    }
    toc.int32(described.size());
    described.forEach(type -> toc.int16(type.id()));
    described.forEach(type -> toc.text(type.title()));
    zeros(toc, 3); // detectors; types of statistics, and their instances
    channels(toc, ChannelInfo.Kind.ADC);
    channels(toc, ChannelInfo.Kind.PROC);
    channels(toc, ChannelInfo.Kind.SIM);
    zeros(toc, 6); // serial data, summaries, events and simulated events, each by type and in all
    return toc;
  }

  private void channels(StructureBytes toc, ChannelInfo.Kind kind) {
    Map<String, List<Long>> found = channels.getOrDefault(kind, Map.of());
    toc.int32(found.size());
    found.keySet().forEach(toc::text);
    if (kind == ChannelInfo.Kind.ADC) {
      zeros(toc, 2 * found.size()); // channel numbers, groups
    }
    found.values().forEach(positions -> positions.forEach(toc::int64));
  }

  private static void zeros(StructureBytes toc, int count) {
    for (int i = 0; i < count; i++) {
      toc.int32(0);
    }
  }
}
