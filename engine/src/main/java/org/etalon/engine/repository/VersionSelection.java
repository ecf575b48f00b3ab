package org.etalon.engine.repository;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.etalon.protocol.proto.ModelVersionPolicy;

/** Which of a model's versions are to be served. */
final class VersionSelection {
  private VersionSelection() {}

  /**
   * @param policy none means the latest one
   * @param present the versions that there are
   * @return those to serve; a specific one that is missing is among them, so that its absence is
   *     told
   */
  static SortedSet<Long> of(ModelVersionPolicy policy, Collection<Long> present) {
    return switch (policy.getPolicyChoiceCase()) {
      case ALL -> new TreeSet<>(present);
      case SPECIFIC -> new TreeSet<>(policy.getSpecific().getVersionsList());
      case LATEST, POLICYCHOICE_NOT_SET -> latest(policy.getLatest().getNumVersions(), present);
    };
  }

  /**
   * The same with a canary, which is served beside those that the others would be.
   *
   * @param canary ignored unless it is there, and not alone
   */
  static SortedSet<Long> of(
      ModelVersionPolicy policy, Collection<Long> present, Optional<Canary> canary) {
    if (canary.isEmpty() || !present.contains(canary.get().version()) || present.size() == 1) {
      return of(policy, present);
    }
    Set<Long> others = new TreeSet<>(present);
    others.remove(canary.get().version());
    SortedSet<Long> chosen = of(policy, others);
    chosen.add(canary.get().version());
    return chosen;
  }

  private static SortedSet<Long> latest(int count, Collection<Long> present) {
    List<Long> descending = new TreeSet<>(present).descendingSet().stream().toList();
    // The number is unsigned, and 0 where it is not given.
    long wanted = Math.max(1, Integer.toUnsignedLong(count));
    return new TreeSet<>(descending.subList(0, (int) Math.min(wanted, descending.size())));
  }
}
