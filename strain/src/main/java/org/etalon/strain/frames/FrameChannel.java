package org.etalon.strain.frames;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;

/**
 * One channel of a file: its vectors in order of time, put together to spans.
 *
 * @param info what the file says of it
 * @param vectors one a frame, in order of time
 */
record FrameChannel(ChannelInfo info, List<FrameVector> vectors) {
  /** Frames whose times are off by less than this, and less than half a sample, are contiguous. */
  private static final long JITTER_NS = 1000;

  /** Longer than any run: it keeps sums of times within a {@code long}. */
  private static final double MOST_SECONDS = 1e9;

  private static final double SHORTEST_SPACING = 1e-9;

  /** A vector with its start and what it holds. */
  private record Timed(FrameVector vector, long startNs, double sampleRateHz) {}

  /** Empty if the channel is no series of numbers. */
  static Optional<FrameChannel> of(
      String name, FrameBytes bytes, Dictionary dictionary, List<ChannelPart> parts)
      throws IOException {
    List<Timed> timed = new ArrayList<>();
    for (ChannelPart part : parts) {
      Structure structure = dictionary.structure(part.vector());
      Optional<FrameVector> vector = FrameVector.of(bytes, structure);
      if (vector.isEmpty()) {
        return Optional.empty();
      }
      timed.add(timed(part, vector.get()));
    }
    timed.sort(Comparator.comparingLong(Timed::startNs));
    requireAlike(name, timed);
    FrameVector first = timed.getFirst().vector();
    ChannelInfo info =
        new ChannelInfo(
            name,
            parts.getFirst().kind(),
            first.type(),
            timed.getFirst().sampleRateHz(),
            unit(parts.getFirst(), first),
            spans(name, timed));
    return Optional.of(new FrameChannel(info, timed.stream().map(Timed::vector).toList()));
  }

  /** All samples, little-endian, in order of time. */
  byte[] decode(Path path) throws IOException {
    long size = vectors.stream().mapToLong(FrameVector::byteSize).sum();
    if (size > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: channel %s has %d bytes (expected: below 2 GiB a file)"
              .formatted(path, info.name(), size));
    }
    byte[] out = new byte[(int) size];
    int at = 0;
    for (FrameVector vector : vectors) {
      VectorDecoder.decode(vector, out, at);
      at += (int) vector.byteSize();
    }
    return out;
  }

  private static Timed timed(ChannelPart part, FrameVector vector) throws IOException {
    double rateHz = sampleRateHz(part, vector);
    double offset = timeOffset(part.data()) + vector.startX();
    if (!(Math.abs(offset) < MOST_SECONDS) || !(vector.size() / rateHz < MOST_SECONDS)) {
      throw vector
          .structure()
          .refusal(
              "%d samples at %s Hz, %s s after its frame's start (expected: below %s s)"
                  .formatted(vector.size(), rateHz, offset, MOST_SECONDS));
    }
    long startNs = part.frameStartNs() + Math.round(offset * GpsTime.NS_PER_SECOND);
    return new Timed(vector, startNs, rateHz);
  }

  /** Seconds from the frame's start; split into two fields, or left out, up to version 4. */
  private static double timeOffset(Structure data) throws IOException {
    if (data.has("timeOffset")) {
      return data.real("timeOffset");
    }
    return data.has("timeOffsetS")
        ? data.integer("timeOffsetS") + 1e-9 * data.integer("timeOffsetN")
        : 0;
  }

  private static double sampleRateHz(ChannelPart part, FrameVector vector) throws IOException {
    boolean isInData = vector.dx() == 0 && part.data().has("sampleRate");
    double spacing = isInData ? 1 / part.data().real("sampleRate") : vector.dx();
    if (!(spacing > SHORTEST_SPACING && spacing < MOST_SECONDS)) {
      throw vector
          .structure()
          .refusal(
              "%s s between samples (expected: %s to %s)"
                  .formatted(spacing, SHORTEST_SPACING, MOST_SECONDS));
    }
    return GpsTime.sampleRateHz(spacing);
  }

  private static String unit(ChannelPart part, FrameVector vector) throws IOException {
    boolean isInData = vector.unit().isEmpty() && part.data().has("units");
    return isInData ? part.data().text("units") : vector.unit();
  }

  private static void requireAlike(String name, List<Timed> timed) throws IOException {
    Timed first = timed.getFirst();
    for (Timed each : timed) {
      if (each.vector().type() != first.vector().type()
          || each.sampleRateHz() != first.sampleRateHz()) {
        throw each.vector()
            .structure()
            .refusal(
                "channel %s is %s at %s Hz here (expected: %s at %s Hz, as at %s)"
                    .formatted(
                        name,
                        each.vector().type(),
                        each.sampleRateHz(),
                        first.vector().type(),
                        first.sampleRateHz(),
                        GpsTime.format(first.startNs())));
      }
    }
  }

  private static List<Segment> spans(String name, List<Timed> timed) throws IOException {
    double rateHz = timed.getFirst().sampleRateHz();
    long toleranceNs = Math.min(JITTER_NS, (long) (GpsTime.NS_PER_SECOND / rateHz / 2));
    List<Segment> spans = new ArrayList<>();
    long startNs = timed.getFirst().startNs();
    long samples = 0;
    for (Timed each : timed) {
      long endNs = startNs + GpsTime.durationNs(samples, rateHz);
      if (each.startNs() < endNs - toleranceNs) {
        throw each.vector()
            .structure()
            .refusal(
                "channel %s begins again at %s (expected: from %s on, where it ended)"
                    .formatted(name, GpsTime.format(each.startNs()), GpsTime.format(endNs)));
      }
      if (each.startNs() > endNs + toleranceNs) {
        spans.add(new Segment(startNs, endNs));
        startNs = each.startNs();
        samples = 0;
      }
      samples += each.vector().size();
    }
    spans.add(new Segment(startNs, startNs + GpsTime.durationNs(samples, rateHz)));
    return spans;
  }
}
