package org.etalon.strain.frames;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.jspecify.annotations.Nullable;

/**
 * Walks the chain of structures once: checks every length and checksum, learns the dictionary, and
 * notes where the channels and their vectors are.
 */
final class FrameWalk {
  private static final long LATEST_SECOND = 1L << 32;

  private final FrameBytes bytes;
  private final FileHeader fileHeader;
  private final Layout layout;
  private final Dictionary dictionary;
  private final FrameChecksums checksums;
  private final Map<String, List<ChannelPart>> channels = new LinkedHashMap<>();
  private final Map<Reference, StructureHeader> vectors = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();
  private @Nullable Structure frame;
  private long frameCount;

  /** A channel of the frame being walked, whose vector may come later. */
  private record Pending(ChannelInfo.Kind kind, Structure data, String name) {}

  private FrameWalk(FrameBytes bytes, FileHeader fileHeader) {
    this.bytes = bytes;
    this.fileHeader = fileHeader;
    layout = Layout.of(fileHeader.version());
    dictionary = new Dictionary(bytes, layout);
    checksums = new FrameChecksums(bytes, fileHeader);
  }

  /** Every channel's parts, one a frame, in the order of the file. */
  static FrameDirectory walk(FrameBytes bytes, FileHeader header) throws IOException {
    FrameWalk walk = new FrameWalk(bytes, header);
    walk.all();
    return new FrameDirectory(walk.dictionary, walk.channels);
  }

  private void all() throws IOException {
    long offset = FileHeader.BYTES;
    while (true) {
      StructureHeader header = layout.header(bytes, offset);
      String name = dictionary.nameOf(header);
      boolean isLast = name.equals("FrEndOfFile");
      checksums.verify(header, name);
      offset = header.end();
      if (isLast) {
        endFile(header);
        return;
      }
      visit(header, name);
    }
  }

  private void visit(StructureHeader header, String name) throws IOException {
    switch (name) {
      case "FrameH" -> beginFrame(header);
      case "FrVect" -> addVector(header);
      case "FrAdcData" -> addChannel(ChannelInfo.Kind.ADC, header);
      case "FrProcData" -> addChannel(ChannelInfo.Kind.PROC, header);
      case "FrSimData" -> addChannel(ChannelInfo.Kind.SIM, header);
      case "FrEndOfFrame" -> endFrame(header);
      default -> {
        // no time series: dictionary, history, detectors, messages, events, table of contents
      }
    }
  }

  private void beginFrame(StructureHeader header) throws IOException {
    if (frame != null) {
      throw bytes.refusal(
          header.offset(),
          "FrameH",
          "the frame begun at byte %d has no FrEndOfFrame".formatted(frame.header().offset()));
    }
    frame = dictionary.structure(header);
    vectors.clear();
    pending.clear();
    frameCount++;
  }

  private void addVector(StructureHeader header) throws IOException {
    if (frame != null && vectors.put(header.id(), header) != null) {
      throw bytes.refusal(
          header.offset(),
          "FrVect",
          "its frame has two vectors of number %d".formatted(header.id().instance()));
    }
  }

  private void addChannel(ChannelInfo.Kind kind, StructureHeader header) throws IOException {
    Structure data = dictionary.structure(header);
    if (frame == null) {
      throw data.refusal("outside of a frame");
    }
    // Frequency series and images have types from 2 on; 0 is "unknown" (table of FrProcData types).
    boolean isTimeSeries =
        kind != ChannelInfo.Kind.PROC || !data.has("type") || data.integer("type") <= 1;
    if (isTimeSeries && !data.reference("data").isNull()) {
      pending.add(new Pending(kind, data, data.text("name")));
    }
  }

  private void endFrame(StructureHeader header) throws IOException {
    Structure end = dictionary.structure(header);
    Structure begun = frame;
    if (begun == null) {
      throw end.refusal("no frame has begun");
    }
    for (String field : List.of("run", "frame")) {
      // The two disagree on the sign of a run's number in version 4, hence the casts.
      if ((int) end.integer(field) != (int) begun.integer(field)) {
        throw end.refusal(
            "%s %d (expected: %d, of the FrameH at byte %d)"
                .formatted(
                    field, end.integer(field), begun.integer(field), begun.header().offset()));
      }
    }
    checksums.verifyFrame(begun, end);
    for (Pending channel : pending) {
      addPart(channel, startNs(begun));
    }
    frame = null;
  }

  private void addPart(Pending channel, long frameStartNs) throws IOException {
    Reference reference = channel.data().reference("data");
    StructureHeader vector = vectors.get(reference);
    if (vector == null) {
      throw channel
          .data()
          .refusal(
              "channel %s has vector %d of class %d, which its frame lacks"
                  .formatted(channel.name(), reference.instance(), reference.classId()));
    }
    channels
        .computeIfAbsent(channel.name(), _ -> new ArrayList<>())
        .add(new ChannelPart(channel.kind(), channel.data(), vector, frameStartNs));
  }

  private static long startNs(Structure frameH) throws IOException {
    long seconds = frameH.integer("GTimeS");
    long nanos = frameH.integer("GTimeN");
    if (seconds < 0 || seconds >= LATEST_SECOND || nanos < 0 || nanos >= GpsTime.NS_PER_SECOND) {
      throw frameH.refusal(
          "GPS time %d s and %d ns (expected: < 1e9 ns)".formatted(seconds, nanos));
    }
    return GpsTime.of(seconds, nanos);
  }

  private void endFile(StructureHeader header) throws IOException {
    Structure end = dictionary.structure(header);
    if (frame != null) {
      throw end.refusal(
          "the frame begun at byte %d has no FrEndOfFrame".formatted(frame.header().offset()));
    }
    if (header.end() != bytes.size() || end.integer("nBytes") != bytes.size()) {
      throw end.refusal(
          "it ends at byte %d and gives the file %d bytes (expected: %d, the file's size)"
              .formatted(header.end(), end.integer("nBytes"), bytes.size()));
    }
    if (end.integer("nFrames") != frameCount) {
      throw end.refusal(
          "nFrames %d (expected: %d, those found)".formatted(end.integer("nFrames"), frameCount));
    }
    if (!fileHeader.isFromFaultyWriter()) {
      checksums.verifyFile(end);
    }
  }
}
