package org.etalon.strain;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A file of time series: a frame file (GWF) or an HDF5 file. Open, list, read, close.
 *
 * <p>Owned by one thread at a time. Whatever is wrong with the file is an {@link IOException} that
 * names it and the place.
 */
public interface StrainFile extends AutoCloseable {
  /**
   * Opens a file, recognising its format by its content.
   *
   * @throws IOException if it cannot be read, is of no known format, or is damaged
   */
  static StrainFile open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException("%s: a folder (expected: a strain file)".formatted(path));
    }
    List<String> known = new ArrayList<>();
    try (FileChannel file = FileChannel.open(path)) {
      for (StrainFormat format : ServiceLoader.load(StrainFormat.class)) {
        if (format.recognises(file)) {
          return format.open(path);
        }
        known.add(format.description());
      }
    }
    throw new IOException("%s: not a strain file (expected one of: %s)".formatted(path, known));
  }

  Path path();

  /** The channels with time series, in the file's order. */
  List<ChannelInfo> channels() throws IOException;

  /**
   * Reads a channel in its own datatype; only this channel is decompressed.
   *
   * @throws ChannelNotFoundException if there is no such channel; names the nearest
   */
  ChannelData read(String channel) throws IOException;

  /** The detector the file says it is of, as in {@code H1}, where the names of channels do not. */
  default Optional<String> detector() throws IOException {
    return Optional.empty();
  }

  /** What the file says of one channel. */
  default ChannelInfo channel(String name) throws IOException {
    List<ChannelInfo> channels = channels();
    for (ChannelInfo info : channels) {
      if (info.name().equals(name)) {
        return info;
      }
    }
    throw new ChannelNotFoundException(
        path(), name, channels.stream().map(ChannelInfo::name).toList());
  }

  /**
   * Reads a channel as contiguous series of doubles, in order of time. Gaps are missing frames and
   * NaN samples.
   *
   * @return empty if every sample is NaN
   * @throws IOException also if the channel is complex
   */
  default List<TimeSeries> readSpans(String channel) throws IOException {
    ChannelData data = read(channel);
    if (data.info().type().isComplex()) {
      throw new IOException(
          "%s: channel %s is %s (expected: real; read() gives complex values)"
              .formatted(path(), channel, data.info().type()));
    }
    return data.series();
  }

  /**
   * Reads a channel without gaps as doubles.
   *
   * @throws IOException also if there are gaps, which it names, or if the channel is complex
   */
  default TimeSeries readSeries(String channel) throws IOException {
    List<TimeSeries> series = readSpans(channel);
    List<Segment> present = series.stream().map(TimeSeries::segment).toList();
    if (series.size() == 1 && present.equals(channel(channel).spans())) {
      return series.getFirst();
    }
    throw new IOException(gapMessage(channel, present));
  }

  /** The strain channel, found by its name. See {@link #strainChannel(String)}. */
  default String strainChannel() throws IOException {
    return StrainChannels.find(this, Optional.empty());
  }

  /**
   * The strain channel of a detector: the one real floating-point channel that is named like strain
   * ({@code STRAIN}, {@code h(t)}, {@code h_16384Hz}, {@code hoft}, {@code Hrec} within the name),
   * or the only channel of that type there is.
   *
   * @param ifo the detector, as in {@code H1}
   * @throws IOException if there is none or more than one; lists them
   */
  default String strainChannel(String ifo) throws IOException {
    return StrainChannels.find(this, Optional.of(ifo));
  }

  /**
   * The data-quality mask, the one integer channel with {@code DQMASK} in its name; empty if there
   * is none.
   *
   * @throws IOException if there is more than one; lists them
   */
  default Optional<String> dataQualityChannel() throws IOException {
    return StrainChannels.findMask(this);
  }

  /**
   * Reads a mask of bits, as {@link #dataQualityChannel} names one.
   *
   * @throws IOException also if the channel does not hold integers
   */
  default BitMask readMask(String channel) throws IOException {
    ChannelData data = read(channel);
    if (!data.info().type().isInteger()) {
      throw new IOException(
          "%s: channel %s is %s (expected: integers, for a mask)"
              .formatted(path(), channel, data.info().type()));
    }
    return BitMask.of(data);
  }

  /** Closes the file. What was read stays valid. */
  @Override
  void close() throws IOException;

  private String gapMessage(String channel, List<Segment> present) throws IOException {
    ChannelInfo info = channel(channel);
    Segment span = new Segment(info.startNs(), info.endNs());
    SegmentList gaps = new SegmentList(present).complement(span);
    String shown =
        gaps.segments().stream().limit(8).map(Segment::toString).collect(Collectors.joining(", "));
    return "%s: channel %s has %d gaps within %s: %s%s (expected: none; readSpans() keeps them)"
        .formatted(
            path(),
            channel,
            gaps.segments().size(),
            span,
            shown,
            gaps.segments().size() > 8 ? ", ..." : "");
  }
}
