package org.etalon.strain.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.TimeSeries;

/**
 * Reads the pieces that one file of each of several kinds have in common. Keeps one file a kind.
 * Owned by one thread.
 */
final class PieceReader {
  private final List<FileReader> readers;
  private final long longestNs;

  /**
   * @param channels of each kind of files
   * @param longestNs of a piece
   */
  PieceReader(List<List<String>> channels, long longestNs) {
    this.readers = channels.stream().map(FileReader::new).toList();
    this.longestNs = longestNs;
  }

  /**
   * The first piece in {@code within}, which all files cover.
   *
   * @param files one a kind, in order
   * @return empty if nothing is left of it
   */
  Optional<StrainChunk> first(List<FileEntry> files, Segment within) throws IOException {
    SegmentList present = SegmentList.of(within);
    for (int i = 0; i < readers.size(); i++) {
      present = present.intersection(readers.get(i).present(files.get(i)));
    }
    for (Segment run : present.segments()) {
      Optional<Segment> piece = onSamples(run);
      if (piece.isPresent()) {
        return Optional.of(chunk(files, shortened(piece.get())));
      }
    }
    return Optional.empty();
  }

  private StrainChunk chunk(List<FileEntry> files, Segment piece) throws IOException {
    List<TimeSeries> channels = new ArrayList<>();
    for (int i = 0; i < readers.size(); i++) {
      channels.addAll(readers.get(i).read(files.get(i), piece));
    }
    return new StrainChunk(piece, channels);
  }

  private Segment shortened(Segment piece) {
    return piece.durationNs() <= longestNs
        ? piece
        : new Segment(piece.startNs(), piece.startNs() + longestNs);
  }

  /** The part of a run that begins and ends on samples of all channels; all of one channel's. */
  private Optional<Segment> onSamples(Segment run) {
    long[] rates = readers.stream().flatMap(FileReader::rates).mapToLong(Math::round).toArray();
    int common = 0;
    for (long rate : rates) {
      common = gcd(common, (int) Math.max(rate, 1));
    }
    boolean isOneRate = readers.stream().flatMap(FileReader::rates).distinct().count() <= 1;
    if (isOneRate) {
      return Optional.of(run);
    }
    long from = ceiling(run.startNs(), common);
    long to = floor(run.endNs(), common);
    return to > from ? Optional.of(new Segment(from, to)) : Optional.empty();
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private static long floor(long ns, int rate) {
    long second = Math.floorDiv(ns, GpsTime.NS_PER_SECOND);
    long sample = Math.floorMod(ns, GpsTime.NS_PER_SECOND) * rate / GpsTime.NS_PER_SECOND;
    long onIt = second * GpsTime.NS_PER_SECOND + GpsTime.durationNs(sample + 1, rate);
    return onIt <= ns
        ? onIt // the instant of a sample is rounded to a nanosecond, perhaps downwards
        : second * GpsTime.NS_PER_SECOND + GpsTime.durationNs(sample, rate);
  }

  private static long ceiling(long ns, int rate) {
    long below = floor(ns, rate);
    long second = Math.floorDiv(below, GpsTime.NS_PER_SECOND);
    long sample = GpsTime.samples(Math.floorMod(below, GpsTime.NS_PER_SECOND), rate);
    return below == ns ? ns : second * GpsTime.NS_PER_SECOND + GpsTime.durationNs(sample + 1, rate);
  }
}
