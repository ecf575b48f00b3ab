package org.etalon.engine.repository;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.etalon.engine.scheduling.VersionGate;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a model that take requests, as they are published at once. Immutable.
 *
 * @param trial of the one among them that is a canary; null if none is
 */
record PublishedVersions(NavigableMap<Long, VersionGate> serving, @Nullable CanaryTrial trial) {
  static final PublishedVersions NONE =
      new PublishedVersions(Collections.emptyNavigableMap(), null);

  PublishedVersions {
    serving = Collections.unmodifiableNavigableMap(new TreeMap<>(serving));
  }

  /** Which answers requests that name none: the newest one that is no canary. */
  Optional<VersionGate> current() {
    CanaryTrial tried = trial;
    for (VersionGate gate : serving.descendingMap().values()) {
      if (tried == null || tried.gate() != gate) {
        return Optional.of(gate);
      }
    }
    return Optional.empty();
  }

  /** These without the canary. */
  PublishedVersions withoutCanary() {
    CanaryTrial tried = trial;
    NavigableMap<Long, VersionGate> others = new TreeMap<>(serving);
    if (tried != null) {
      others.remove(tried.canary().version());
    }
    return new PublishedVersions(others, null);
  }

  static boolean isReady(VersionGate gate) {
    return gate.served().unavailability().isEmpty();
  }

  /** The members of all versions, if the model is an ensemble. */
  Collection<String> members() {
    return serving.values().stream()
        .map(gate -> LoadOrder.membersOf(gate.served().config()))
        .flatMap(Collection::stream)
        .distinct()
        .toList();
  }
}
