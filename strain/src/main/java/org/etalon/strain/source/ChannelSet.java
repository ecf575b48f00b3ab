package org.etalon.strain.source;

import java.util.List;

/**
 * Channels and where their files are.
 *
 * @param files that have all of the channels
 * @param channels at least one
 */
public record ChannelSet(StrainCatalog files, List<String> channels) {
  public ChannelSet {
    channels = List.copyOf(channels);
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels: none (expected: at least 1)");
    }
  }
}
