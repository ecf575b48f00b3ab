package org.etalon.strain;

import java.util.List;

/**
 * What a file says of one channel.
 *
 * @param name as stored
 * @param kind where in the file it lies
 * @param type datatype of its samples
 * @param sampleRateHz samples a second
 * @param unit as stored, possibly empty; of a bit mask the bits' meanings, as in {@code 0:DATA
 *     1:CBC_CAT1}
 * @param spans sorted spans with gaps between them, at least one; NaN samples count as present here
 */
public record ChannelInfo(
    String name,
    Kind kind,
    SampleType type,
    double sampleRateHz,
    String unit,
    List<Segment> spans) {

  /** Where a channel lies: one of a frame's three kinds of data, or a dataset of an HDF5 file. */
  public enum Kind {
    ADC,
    PROC,
    SIM,
    HDF5
  }

  public ChannelInfo {
    spans = List.copyOf(spans);
    if (spans.isEmpty()) {
      throw new IllegalArgumentException("spans of " + name + ": none (expected: at least 1)");
    }
    for (int i = 1; i < spans.size(); i++) {
      if (spans.get(i).startNs() < spans.get(i - 1).endNs()) {
        throw new IllegalArgumentException(
            "spans of %s: %s (expected: sorted, disjoint)".formatted(name, spans));
      }
    }
  }

  /** The first sample's instant, in GPS nanoseconds. */
  public long startNs() {
    return spans.getFirst().startNs();
  }

  /** The end of the last span, in GPS nanoseconds. */
  public long endNs() {
    return spans.getLast().endNs();
  }

  /** Samples of all spans together. */
  public long sampleCount() {
    return spans.stream().mapToLong(span -> GpsTime.samples(span.durationNs(), sampleRateHz)).sum();
  }
}
