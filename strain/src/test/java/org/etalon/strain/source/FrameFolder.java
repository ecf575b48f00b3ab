package org.etalon.strain.source;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;

/** Writes frame files whose samples tell their time: sample i since GPS 0, modulo 2^20. */
final class FrameFolder {
  private FrameFolder() {}

  static double sample(long startNs, double rateHz, long i) {
    return (GpsTime.samples(startNs, rateHz) + i) % (1 << 20);
  }

  /**
   * @param isThere 1 for the samples, counted from GPS 0, that are no NaN
   */
  static Path write(
      Path folder,
      String description,
      Segment span,
      List<String> channels,
      double rateHz,
      LongUnaryOperator isThere)
      throws IOException {
    Files.createDirectories(folder);
    Path path = folder.resolve(FileEntry.name("X", description, span, "gwf"));
    try (FrameWriter writer = FrameWriter.create(path, FramePacking.RAW)) {
      writer.write(span, channels.stream().map(name -> data(name, span, rateHz, isThere)).toList());
      writer.finish();
    }
    return path;
  }

  static Path write(Path folder, String description, long start, long seconds, String channel)
      throws IOException {
    return write(
        folder,
        description,
        Segment.ofSeconds(start, start + seconds),
        List.of(channel),
        16,
        _ -> 1);
  }

  private static ChannelData data(
      String name, Segment span, double rateHz, LongUnaryOperator isThere) {
    int samples = (int) GpsTime.samples(span.durationNs(), rateHz);
    MemorySegment bytes = MemorySegment.ofArray(new byte[8 * samples]);
    var layout = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    long first = GpsTime.samples(span.startNs(), rateHz);
    for (int i = 0; i < samples; i++) {
      double value = sample(span.startNs(), rateHz, i);
      bytes.set(layout, 8L * i, isThere.applyAsLong(first + i) == 1 ? value : Double.NaN);
    }
    ChannelInfo info =
        new ChannelInfo(name, ChannelInfo.Kind.PROC, SampleType.FLOAT64, rateHz, "", List.of(span));
    return new ChannelData(info, bytes);
  }
}
