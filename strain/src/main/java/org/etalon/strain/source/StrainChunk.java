package org.etalon.strain.source;

import java.util.List;
import org.etalon.strain.Segment;
import org.etalon.strain.TimeSeries;

/**
 * A piece of time in which all channels have data.
 *
 * @param channels in the order they were asked for, each of {@code span} exactly, at its own rate
 */
public record StrainChunk(Segment span, List<TimeSeries> channels) {
  public StrainChunk {
    channels = List.copyOf(channels);
  }
}
