package org.etalon.engine.repository;

import java.util.Collection;
import java.util.List;
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

  private static SortedSet<Long> latest(int count, Collection<Long> present) {
    List<Long> descending = new TreeSet<>(present).descendingSet().stream().toList();
    // The number is unsigned, and 0 where it is not given.
    long wanted = Math.max(1, Integer.toUnsignedLong(count));
    return new TreeSet<>(descending.subList(0, (int) Math.min(wanted, descending.size())));
  }
}
