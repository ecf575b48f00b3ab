package org.etalon.strain.opendata;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

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
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
