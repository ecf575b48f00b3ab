package org.etalon.strain;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Puts series of one channel, from several files, together to spans in order of time. */
public final class SeriesJoin {
  private SeriesJoin() {}

  /**
   * Reads one channel from several files, given in any order.
   *
   * @return contiguous series, sorted, with the gaps between files and those within them kept
   * @throws IOException if a file cannot be read or lacks the channel, or if two disagree where
   *     they overlap
   */
  public static List<TimeSeries> read(Collection<Path> files, String channel) throws IOException {
    List<TimeSeries> series = new ArrayList<>();
    for (Path path : files) {
      try (StrainFile file = StrainFile.open(path)) {
        series.addAll(file.readSpans(channel));
      }
    }
    try {
      return join(series);
    } catch (IllegalArgumentException e) {
      throw new IOException("files %s: %s".formatted(files, e.getMessage()), e);
    }
  }

  /**
   * Joins series that touch, and those that overlap with equal samples.
   *
   * @return contiguous series, sorted, with a gap between any two; those that nothing touches are
   *     the given ones, uncopied
   * @throws IllegalArgumentException if channels or rates differ, if samples differ where two
   *     overlap, or if one begins between the samples of another
   */
  public static List<TimeSeries> join(Collection<TimeSeries> series) {
    List<TimeSeries> sorted =
        series.stream().sorted((a, b) -> Long.compare(a.startNs(), b.startNs())).toList();
    List<TimeSeries> joined = new ArrayList<>();
    List<TimeSeries> run = new ArrayList<>();
    long endNs = Long.MIN_VALUE;
    for (TimeSeries next : sorted) {
      requireAlike(sorted.getFirst(), next);
      if (!run.isEmpty() && next.startNs() > endNs) {
        joined.add(merged(run, endNs));
        run.clear();
      }
      run.add(next);
      endNs = Math.max(endNs, next.endNs());
    }
    if (!run.isEmpty()) {
      joined.add(merged(run, endNs));
    }
    return List.copyOf(joined);
  }

  private static void requireAlike(TimeSeries first, TimeSeries next) {
    if (!next.channel().equals(first.channel()) || next.sampleRateHz() != first.sampleRateHz()) {
      throw new IllegalArgumentException(
          "series: %s at %s Hz (expected: %s at %s Hz, as the first)"
              .formatted(
                  next.channel(), next.sampleRateHz(), first.channel(), first.sampleRateHz()));
    }
  }

  private static TimeSeries merged(List<TimeSeries> run, long endNs) {
    TimeSeries first = run.getFirst();
    if (run.size() == 1) {
      return first;
    }
    long startNs = first.startNs();
    double[] samples = new double[index(first, endNs - startNs)];
    int filled = 0;
    for (TimeSeries next : run) {
      int at = index(next, next.startNs() - startNs);
      int overlap = Math.min(filled - at, next.size());
      requireEqual(samples, at, next, overlap);
      if (overlap < next.size()) {
        System.arraycopy(next.samples(), overlap, samples, at + overlap, next.size() - overlap);
        filled = at + next.size();
      }
    }
    return new TimeSeries(first.channel(), startNs, first.sampleRateHz(), samples);
  }

  private static int index(TimeSeries series, long offsetNs) {
    long index = GpsTime.samples(offsetNs, series.sampleRateHz());
    if (index > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s: %d contiguous samples (expected: below 2^31)".formatted(series.channel(), index));
    }
    return (int) index;
  }

  private static void requireEqual(double[] samples, int at, TimeSeries next, int overlap) {
    for (int i = 0; i < overlap; i++) {
      if (Double.doubleToRawLongBits(samples[at + i])
          != Double.doubleToRawLongBits(next.samples()[i])) {
        long gpsNs = next.startNs() + GpsTime.durationNs(i, next.sampleRateHz());
        throw new IllegalArgumentException(
            "%s at %s is both %s and %s (expected: equal samples where series overlap)"
                .formatted(
                    next.channel(), GpsTime.format(gpsNs), samples[at + i], next.samples()[i]));
      }
    }
  }
}
