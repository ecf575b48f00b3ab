package org.etalon.strain;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A channel whose samples are bits, each with a meaning: the data-quality and injection masks of
 * public strain, one sample a second.
 */
public final class BitMask {
  private static final Pattern BIT = Pattern.compile("(\\d{1,2}):(\\S+)");

  private final ChannelData data;
  private final List<String> names;

  private BitMask(ChannelData data, List<String> names) {
    this.data = data;
    this.names = List.copyOf(names);
  }

  /**
   * A mask whose bits are named by its channel's unit, as in {@code 0:DATA 1:CBC_CAT1}; without
   * names if the unit gives none.
   *
   * @throws IllegalArgumentException if the channel does not hold integers
   */
  public static BitMask of(ChannelData data) {
    if (!data.info().type().isInteger()) {
      throw new IllegalArgumentException(
          "type of mask %s: %s (expected: integer)"
              .formatted(data.info().name(), data.info().type()));
    }
    List<String> names = new ArrayList<>();
    Matcher matcher = BIT.matcher(data.info().unit());
    while (matcher.find() && Integer.parseInt(matcher.group(1)) == names.size()) {
      names.add(matcher.group(2));
    }
    return new BitMask(data, names);
  }

  /** What the bits mean, from bit 0 on; empty if the file does not say. */
  public List<String> names() {
    return names;
  }

  /**
   * The time during which a bit is set.
   *
   * @throws IllegalArgumentException if there is no bit of that name; names those there are
   */
  public SegmentList segments(String name) {
    int bit = names.indexOf(name);
    if (bit < 0) {
      throw new IllegalArgumentException(
          "bit of %s: '%s' (expected one of: %s)".formatted(data.info().name(), name, names));
    }
    return segments(bit);
  }

  /** The time during which bit {@code bit}, from 0 to 63, is set. */
  public SegmentList segments(int bit) {
    if (bit < 0 || bit > 63) {
      throw new IllegalArgumentException("bit: " + bit + " (expected: 0 to 63)");
    }
    List<Segment> set = new ArrayList<>();
    int at = 0;
    for (Segment span : data.info().spans()) {
      int samples = (int) GpsTime.samples(span.durationNs(), data.info().sampleRateHz());
      addRuns(span.startNs(), at, samples, bit, set);
      at += samples;
    }
    return new SegmentList(set);
  }

  private void addRuns(long startNs, int first, int samples, int bit, List<Segment> set) {
    int begun = -1;
    for (int i = 0; i <= samples; i++) {
      boolean isSet = i < samples && (data.integer(first + i) >>> bit & 1) == 1;
      if (isSet && begun < 0) {
        begun = i;
      } else if (!isSet && begun >= 0) {
        set.add(new Segment(timeNs(startNs, begun), timeNs(startNs, i)));
        begun = -1;
      }
    }
  }

  private long timeNs(long startNs, int sample) {
    return startNs + GpsTime.durationNs(sample, data.info().sampleRateHz());
  }
}
