package org.etalon.server.metrics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.StageLatencies;

/**
 * What latencies were in the last minute: the difference between the counts now and those of some
 * moment a minute ago, so that the engine keeps nothing for it. Thread-safe, guarded by itself.
 */
final class LatencyWindow {
  private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();

  /** How often to note the counts. */
  static final Duration STEP = Duration.ofSeconds(10);

  private record Version(String model, long version) {
    static Version of(ModelStatistics model) {
      return new Version(model.model(), model.version());
    }
  }

  private record Moment(long nanos, Map<Version, StageLatencies> latencies) {}

  private final Deque<Moment> moments = new ArrayDeque<>();

  /** Notes how the counts stand at that time, on {@link System#nanoTime}'s clock. */
  synchronized void note(long nowNanos, List<ModelStatistics> models) {
    Map<Version, StageLatencies> latencies = HashMap.newHashMap(models.size());
    models.forEach(model -> latencies.put(Version.of(model), model.latencies()));
    moments.addLast(new Moment(nowNanos, latencies));
    dropOld(nowNanos);
  }

  /** The first moment stays that is a window old: what the window begins with. */
  private void dropOld(long nowNanos) {
    while (moments.size() > 1) {
      Moment first = moments.removeFirst();
      if (nowNanos - moments.getFirst().nanos() < WINDOW_NANOS) {
        moments.addFirst(first);
        return;
      }
    }
  }

  /** The latencies of a version within the window; all of them if it is younger. */
  synchronized StageLatencies recent(ModelStatistics model) {
    Moment begin = moments.peekFirst();
    StageLatencies then = begin == null ? null : begin.latencies().get(Version.of(model));
    return then == null ? model.latencies() : model.latencies().since(then);
  }
}
