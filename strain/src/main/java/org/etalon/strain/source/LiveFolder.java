package org.etalon.strain.source;

import java.nio.file.Path;
import java.util.List;

/**
 * Channels whose files appear in a folder.
 *
 * @param folder files in folders below it do not count
 * @param channels at least one, all in one kind of file
 */
public record LiveFolder(Path folder, List<String> channels) {
  public LiveFolder {
    channels = List.copyOf(channels);
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels: none (expected: at least 1)");
    }
  }
}
