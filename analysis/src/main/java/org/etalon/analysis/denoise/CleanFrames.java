package org.etalon.analysis.denoise;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.source.FileEntry;

/**
 * Writes cleaned strain as frame files on the grid of GPS time: each holds what there is of one
 * interval of the frames' length without a gap. A file appears when it is whole. Owned by one
 * thread.
 */
final class CleanFrames implements CleanSink {
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Told of each file. */
  interface Listener {
    void written(Segment span, Path file) throws IOException;
  }

  private final Path folder;
  private final String channel;
  private final long frameNs;
  private final OptionalLong doneNs;
  private final Listener listener;
  private double[] samples = new double[0];
  private int size;
  private int rateHz;
  private long startNs;

  /**
   * @param doneNs strain before it is written already
   */
  CleanFrames(Path folder, String channel, int frameSeconds, OptionalLong doneNs, Listener listener)
      throws IOException {
    this.folder = folder;
    this.channel = channel;
    this.frameNs = GpsTime.ofSeconds(frameSeconds);
    this.doneNs = doneNs;
    this.listener = listener;
    Files.createDirectories(folder);
  }

  @Override
  public void take(long gpsNs, int sampleRateHz, double[] cleaned) throws IOException {
    int at = 0;
    if (doneNs.isPresent() && doneNs.getAsLong() > gpsNs) {
      long written = GpsTime.samples(doneNs.getAsLong() - gpsNs, sampleRateHz);
      at = (int) Math.min(cleaned.length, written);
    }
    while (at < cleaned.length) {
      if (size == 0) {
        startNs = gpsNs + GpsTime.durationNs(at, sampleRateHz);
        rateHz = sampleRateHz;
      }
      long endNs = (Math.floorDiv(startNs, frameNs) + 1) * frameNs;
      int room = (int) GpsTime.samples(endNs - startNs, rateHz) - size;
      int count = Math.min(room, cleaned.length - at);
      append(cleaned, at, count);
      at += count;
      if (count == room) {
        write();
      }
    }
  }

  private void append(double[] cleaned, int from, int count) {
    if (size + count > samples.length) {
      samples = Arrays.copyOf(samples, Math.max(2 * samples.length, size + count));
    }
    System.arraycopy(cleaned, from, samples, size, count);
    size += count;
  }

  /** Writes what there is of a frame that a gap cuts short. */
  void end() throws IOException {
    if (size > 0) {
      write();
    }
  }

  private void write() throws IOException {
    Segment span = new Segment(startNs, startNs + GpsTime.durationNs(size, rateHz));
    byte[] bytes = new byte[size * Double.BYTES];
    MemorySegment values = MemorySegment.ofArray(bytes);
    MemorySegment.copy(samples, 0, values, DOUBLE, 0, size);
    ChannelInfo info =
        new ChannelInfo(
            channel, ChannelInfo.Kind.PROC, SampleType.FLOAT64, rateHz, "strain", List.of(span));
    Path file = folder.resolve(name(channel, span));
    try (FrameWriter writer = FrameWriter.create(file, FramePacking.GZIP)) {
      writer.write(span, List.of(new ChannelData(info, values)));
      writer.finish();
    }
    size = 0;
    listener.written(span, file);
  }

  private static String name(String channel, Segment span) {
    String observatory = channel.substring(0, 1).toUpperCase(Locale.ROOT);
    return FileEntry.name(observatory, channel.replaceAll("[^A-Za-z0-9_]", "_"), span, "gwf");
  }
}
