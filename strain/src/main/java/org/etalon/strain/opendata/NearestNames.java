package org.etalon.strain.opendata;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.etalon.strain.EditDistance;

/** Finds the names a person may have meant. */
final class NearestNames {
  private static final int MAX_NAMES = 5;

  private NearestNames() {}

  /**
   * Up to five of {@code known}, nearest first: those that begin alike, then those within a few
   * edits.
   */
  static List<String> of(String wanted, Collection<String> known) {
    String target = wanted.toLowerCase(Locale.ROOT);
    int maxEdits = Math.max(2, target.length() / 3);
    record Candidate(String name, int edits) {}
    return known.stream()
        .distinct()
        .map(name -> new Candidate(name, edits(target, name.toLowerCase(Locale.ROOT))))
        .filter(candidate -> candidate.edits() <= maxEdits)
        .sorted(Comparator.comparingInt(Candidate::edits).thenComparing(Candidate::name))
        .limit(MAX_NAMES)
        .map(Candidate::name)
        .toList();
  }

  /**
   * Levenshtein's distance; zero where one is the beginning of the other, since events are named by
   * their date.
   */
  private static int edits(String a, String b) {
    if (!a.isEmpty() && (b.startsWith(a) || a.startsWith(b))) {
      return 0;
    }
    return EditDistance.between(a, b);
  }
}
