package org.etalon.strain;

import java.util.Arrays;
import java.util.List;

/** Cuts samples at NaN, which public strain files store where there is no data. */
final class NanGaps {
  private NanGaps() {}

  /** Appends the NaN-free runs of {@code samples[from, to)}, which begins at {@code startNs}. */
  static void split(
      ChannelInfo info, long startNs, double[] samples, int from, int to, List<TimeSeries> into) {
    int begin = from;
    while (begin < to) {
      while (begin < to && Double.isNaN(samples[begin])) {
        begin++;
      }
      int end = begin;
      while (end < to && !Double.isNaN(samples[end])) {
        end++;
      }
      if (begin < end) {
        boolean isWhole = begin == 0 && end == samples.length;
        double[] run = isWhole ? samples : Arrays.copyOfRange(samples, begin, end);
        long runStartNs = startNs + GpsTime.durationNs(begin - from, info.sampleRateHz());
        into.add(new TimeSeries(info.name(), runStartNs, info.sampleRateHz(), run));
      }
      begin = end;
    }
  }
}
