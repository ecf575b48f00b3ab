package org.etalon.cli;

import java.nio.file.Path;
import java.time.Duration;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How folders are followed; what is missing in them is told on stderr. */
final class LiveOptions {
  @Option(
      names = "--patience",
      paramLabel = "S",
      description = "Live: how long to wait for a file that is missing (2).")
  private @Nullable Double patience;

  @Option(
      names = "--max-behind",
      paramLabel = "S",
      description =
          "Live: when this far behind the newest frames, go on with those and tell what is left out (default: never).")
  private @Nullable Double maxBehind;

  @Option(
      names = "--until",
      paramLabel = "GPS",
      description = "Live: where to end (default: never).")
  private @Nullable String until;

  LiveSettings settings() {
    LiveSettings live = LiveSettings.defaults();
    if (patience != null) {
      live = live.withPatience(Duration.ofMillis((long) (1000 * patience)));
    }
    if (maxBehind != null) {
      live = live.withMaxBehind(Duration.ofMillis((long) (1000 * maxBehind)));
    }
    return until == null ? live : live.until(GpsTime.parse(until));
  }

  static LiveListener gaps() {
    return new Gaps();
  }

  private static final class Gaps implements LiveListener {
    @Override
    public void missing(Segment span) {
      System.err.println("etalon: no data for " + span);
    }

    @Override
    public void skipped(Segment span) {
      System.err.println("etalon: too far behind, left out: " + span);
    }

    @Override
    public void late(Path path) {
      System.err.println("etalon: too late, not used: " + path);
    }

    @Override
    public void unreadable(Path path, String reason) {
      System.err.println("etalon: not used: " + path + ": " + reason);
    }
  }
}
