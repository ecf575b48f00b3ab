package org.etalon.strain;

import java.util.Arrays;

/**
 * Evenly sampled values of one channel without gaps.
 *
 * <p>The array is not copied: whoever makes a series hands it over, and nobody modifies it after.
 * Two series are equal only if they hold the same array.
 *
 * @param channel name, as in {@code H1:GDS-CALIB_STRAIN}
 * @param startNs the first sample's instant, in GPS nanoseconds
 * @param sampleRateHz samples a second
 * @param samples at least one value
 */
@SuppressWarnings("ArrayRecordComponent") // a copy per step would double the memory of a search
public record TimeSeries(String channel, long startNs, double sampleRateHz, double[] samples) {
  public TimeSeries {
    if (samples.length == 0) {
      throw new IllegalArgumentException("samples of " + channel + ": none (expected: at least 1)");
    }
    GpsTime.durationNs(samples.length, sampleRateHz); // refuses a rate that is none
  }

  public int size() {
    return samples.length;
  }

  /** The instant after the last sample's interval, to the nearest nanosecond. */
  public long endNs() {
    return startNs + GpsTime.durationNs(samples.length, sampleRateHz);
  }

  public Segment segment() {
    return new Segment(startNs, endNs());
  }

  /**
   * The samples of {@code span}, copied.
   *
   * @throws IllegalArgumentException if the span reaches past this series or does not begin and end
   *     on a sample
   */
  public TimeSeries crop(Segment span) {
    if (!segment().contains(span)) {
      throw new IllegalArgumentException(
          "span: %s of %s (expected: within %s)".formatted(span, channel, segment()));
    }
    int from = index(span.startNs());
    int to = index(span.endNs());
    return new TimeSeries(
        channel, span.startNs(), sampleRateHz, Arrays.copyOfRange(samples, from, to));
  }

  private int index(long gpsNs) {
    try {
      return Math.toIntExact(GpsTime.samples(gpsNs - startNs, sampleRateHz));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s at %s Hz has no sample at %s".formatted(channel, sampleRateHz, GpsTime.format(gpsNs)),
          e);
    }
  }
}
