package org.etalon.engine.repository;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.etalon.engine.scheduling.ServedVersion;

/** In which order versions can stop taking requests: an ensemble's members after it. */
final class DrainLevels {
  private DrainLevels() {}

  /** Models first, then ensembles of these, then ensembles of those. */
  static List<List<ServedVersion>> of(List<ServedVersion> all) {
    List<List<ServedVersion>> levels = new ArrayList<>();
    List<ServedVersion> left = new ArrayList<>(all);
    while (!left.isEmpty()) {
      Set<String> unplaced = left.stream().map(ServedVersion::name).collect(Collectors.toSet());
      List<ServedVersion> level =
          left.stream()
              .filter(served ->
                  LoadOrder.membersOf(served.config()).stream().noneMatch(unplaced::contains))
              .toList();
      // Ensembles that came to contain each other, which never answer, make one level.
      levels.add(level.isEmpty() ? List.copyOf(left) : level);
      left.removeAll(levels.getLast());
    }
    return levels;
  }
}
