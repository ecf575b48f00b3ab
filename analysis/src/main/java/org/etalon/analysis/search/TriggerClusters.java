package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Clusters triggers that come in order of time: the same are kept as by {@link Triggers}, which
 * takes the loudest first and leaves out what is near one that it took. Owned by one thread.
 *
 * <p>A trigger is kept once all that may be near it have come, and none of them that is louder is
 * undecided; it is left out once one that is kept is near. So a decision takes the cluster time,
 * and longer only while ever louder ones follow.
 */
final class TriggerClusters {
  private final int clusterSamples;
  private final int stride;
  private final List<Entry> entries = new ArrayList<>();

  private static final class Entry {
    final Trigger trigger;
    boolean isKept;

    Entry(Trigger trigger) {
      this.trigger = trigger;
    }
  }

  TriggerClusters(SearchSettings settings) {
    this.clusterSamples = (int) Math.ceil(settings.clusterSeconds() * settings.sampleRateHz());
    this.stride = settings.stride();
  }

  void add(Trigger trigger) {
    entries.add(new Entry(trigger));
  }

  /** Whether nothing as loud is there that could be near a trigger that comes next. */
  boolean isLoudest(Trigger trigger) {
    return entries.stream()
        .noneMatch(entry ->
            isNear(entry.trigger, trigger) && entry.trigger.statistic() >= trigger.statistic());
  }

  /**
   * Decides what can be decided.
   *
   * @param nextWindow the first window that a trigger may still come of
   * @return those now kept, in order of time
   */
  List<Trigger> settle(int nextWindow) {
    return settle((long) nextWindow * stride);
  }

  /** Decides all; none comes any more. */
  List<Trigger> end() {
    return settle(Long.MAX_VALUE - clusterSamples);
  }

  private List<Trigger> settle(long knownSamples) {
    List<Trigger> kept = new ArrayList<>();
    boolean hasChanged = true;
    while (hasChanged) {
      hasChanged = entries.removeIf(entry -> !entry.isKept && isNearKept(entry));
      for (Entry entry : entries) {
        if (!entry.isKept && sample(entry) + clusterSamples <= knownSamples && isNext(entry)) {
          entry.isKept = true;
          hasChanged = true;
          kept.add(entry.trigger);
        }
      }
    }
    forget(knownSamples);
    kept.sort((a, b) -> Integer.compare(a.window(), b.window()));
    return kept;
  }

  private boolean isNearKept(Entry entry) {
    return entries.stream().anyMatch(other -> other.isKept && isNear(other.trigger, entry.trigger));
  }

  /** Whether it comes before all that are near, by loudness and then by time. */
  private boolean isNext(Entry entry) {
    for (Entry other : entries) {
      boolean isBefore =
          other.trigger.statistic() > entry.trigger.statistic()
              || (other.trigger.statistic() == entry.trigger.statistic()
                  && other.trigger.window() < entry.trigger.window());
      if (other != entry && isNear(other.trigger, entry.trigger) && (other.isKept || isBefore)) {
        return false;
      }
    }
    return true;
  }

  /** Drops kept ones that nothing undecided, and nothing to come, can be near. */
  private void forget(long knownSamples) {
    for (Iterator<Entry> all = entries.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (!entry.isKept || sample(entry) + clusterSamples > knownSamples) {
        return;
      }
      all.remove();
    }
  }

  private boolean isNear(Trigger a, Trigger b) {
    return Math.abs((long) a.window() - b.window()) * stride < clusterSamples;
  }

  private long sample(Entry entry) {
    return (long) entry.trigger.window() * stride;
  }
}
