package org.etalon.strain;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A channel's samples in the channel's own datatype.
 *
 * @param info what the file says of the channel
 * @param values little-endian samples without padding, the spans' one after another; on the heap,
 *     so it need not be freed; not to be modified
 */
public record ChannelData(ChannelInfo info, MemorySegment values) {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble FLOAT64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

  public ChannelData {
    long expected = info.sampleCount() * info.type().bytes();
    if (values.byteSize() != expected) {
      throw new IllegalArgumentException(
          "values of %s: %d bytes (expected: %d, %d samples of %s)"
              .formatted(
                  info.name(), values.byteSize(), expected, info.sampleCount(), info.type()));
    }
  }

  public int size() {
    return Math.toIntExact(values.byteSize() / info.type().bytes());
  }

  /**
   * The samples as doubles; 64-bit integers are rounded to the nearest.
   *
   * @throws IllegalArgumentException if the channel is complex
   */
  public double[] doubles() {
    double[] doubles = new double[size()];
    switch (info.type()) {
      case FLOAT64 -> MemorySegment.copy(values, FLOAT64, 0, doubles, 0, doubles.length);
      case FLOAT32 -> {
        for (int i = 0; i < doubles.length; i++) {
          doubles[i] = values.get(FLOAT32, 4L * i);
        }
      }
      case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> {
        for (int i = 0; i < doubles.length; i++) {
          long value = integer(i);
          doubles[i] =
              info.type() == SampleType.UINT64 && value < 0 ? unsigned(value) : (double) value;
        }
      }
      case COMPLEX64, COMPLEX128 ->
          throw new IllegalArgumentException(
              "type of %s: %s (expected: real)".formatted(info.name(), info.type()));
    }
    return doubles;
  }

  /**
   * The sample at {@code index} of an integer channel; UINT64 values from 2^63 on come out
   * negative.
   *
   * @throws IllegalArgumentException if the channel does not hold integers
   */
  public long integer(int index) {
    return switch (info.type()) {
      case INT8 -> values.get(ValueLayout.JAVA_BYTE, index);
      case UINT8 -> values.get(ValueLayout.JAVA_BYTE, index) & 0xFFL;
      case INT16 -> values.get(INT16, 2L * index);
      case UINT16 -> values.get(INT16, 2L * index) & 0xFFFFL;
      case INT32 -> values.get(INT32, 4L * index);
      case UINT32 -> values.get(INT32, 4L * index) & 0xFFFF_FFFFL;
      case INT64, UINT64 -> values.get(INT64, 8L * index);
      case FLOAT32, FLOAT64, COMPLEX64, COMPLEX128 ->
          throw new IllegalArgumentException(
              "type of %s: %s (expected: integer)".formatted(info.name(), info.type()));
    };
  }

  /**
   * The contiguous series of this channel, as doubles and in order of time. Missing frames and NaN
   * samples, which stand for missing data in public strain, are the gaps between them. Empty if
   * every sample is NaN.
   *
   * @throws IllegalArgumentException if the channel is complex
   */
  public List<TimeSeries> series() {
    double[] all = doubles();
    List<TimeSeries> series = new ArrayList<>();
    int from = 0;
    for (Segment span : info.spans()) {
      int to = from + (int) GpsTime.samples(span.durationNs(), info.sampleRateHz());
      NanGaps.split(info, span.startNs(), all, from, to, series);
      from = to;
    }
    return List.copyOf(series);
  }

  private static double unsigned(long value) {
    // Halved with the lost bit kept sticky, so that the one rounding is the conversion's.
    return ((value >>> 1) | (value & 1)) * 2.0;
  }
}
