package org.etalon.strain;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A file does not have the channel asked for. The message names the nearest ones it has. */
public final class ChannelNotFoundException extends IOException {
  private static final long serialVersionUID = 1;
  private static final int NAMES_SHOWN = 5;
  private static final int LONGEST_COMPARED = 256;

  public ChannelNotFoundException(Path path, String asked, Collection<String> present) {
    super(
        "%s: no channel '%s' (%s)"
            .formatted(
                path,
                asked,
                present.isEmpty()
                    ? "the file has none"
                    : "nearest of " + present.size() + ": " + nearest(asked, present)));
  }

  private static List<String> nearest(String asked, Collection<String> present) {
    String key = folded(asked);
    return present.stream()
        .sorted(
            Comparator.<String>comparingInt(name -> EditDistance.between(key, folded(name)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(NAMES_SHOWN)
        .toList();
  }

  private static String folded(String name) {
    String key = name.toUpperCase(Locale.ROOT);
    return key.length() <= LONGEST_COMPARED ? key : key.substring(0, LONGEST_COMPARED);
  }
}
