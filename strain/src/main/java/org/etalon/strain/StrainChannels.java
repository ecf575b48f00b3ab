package org.etalon.strain;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the strain channel of a file by the names observatories give it. */
final class StrainChannels {
  private static final Pattern STRAIN_LIKE =
      Pattern.compile("(?i)strain|h\\(t\\)|hoft|hrec|(^|[:_/-])h(_\\d+hz)?$");
  private static final Pattern IFO_PREFIX = Pattern.compile("^[A-Z][0-9]:.*");

  private StrainChannels() {}

  static String find(StrainFile file, Optional<String> ifo) throws IOException {
    requireDetector(file, ifo);
    List<String> real =
        file.channels().stream()
            .filter(info -> info.type().isRealFloating())
            .map(ChannelInfo::name)
            .filter(name -> ifo.isEmpty() || mayBeOf(name, ifo.get()))
            .toList();
    List<String> named = real.stream().filter(name -> STRAIN_LIKE.matcher(name).find()).toList();
    List<String> found = named.isEmpty() ? real : named;
    if (found.size() == 1) {
      return found.getFirst();
    }
    String wanted = ifo.map(name -> "strain channel of " + name).orElse("strain channel");
    throw new IOException(
        found.isEmpty()
            ? "%s: no %s (its channels: %s)".formatted(file.path(), wanted, names(file))
            : "%s: which of these is the %s: %s? Name it".formatted(file.path(), wanted, found));
  }

  static Optional<String> findMask(StrainFile file) throws IOException {
    List<String> masks =
        file.channels().stream()
            .filter(info -> info.type().isInteger())
            .map(ChannelInfo::name)
            .filter(name -> name.toUpperCase(Locale.ROOT).contains("DQMASK"))
            .toList();
    if (masks.size() > 1) {
      throw new IOException(
          "%s: which of these is the data-quality mask: %s? Name it".formatted(file.path(), masks));
    }
    return masks.stream().findFirst();
  }

  private static void requireDetector(StrainFile file, Optional<String> ifo) throws IOException {
    Optional<String> detector = file.detector();
    if (ifo.isPresent() && detector.isPresent() && !detector.equals(ifo)) {
      throw new IOException(
          "%s: strain of %s (expected: %s)".formatted(file.path(), detector.get(), ifo.get()));
    }
  }

  private static boolean mayBeOf(String channel, String ifo) {
    return channel.startsWith(ifo + ":") || !IFO_PREFIX.matcher(channel).matches();
  }

  private static List<String> names(StrainFile file) throws IOException {
    return file.channels().stream().map(ChannelInfo::name).toList();
  }
}
