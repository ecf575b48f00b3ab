package org.etalon.inference;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Which known name was meant by an unknown one; for messages that refuse it. */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name that takes the fewest edits, the first in the alphabet among equals.
   *
   * @throws java.util.NoSuchElementException if nothing is known
   */
  public static String of(String given, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.<String>comparingInt(name -> distance(given, name))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /**
   * {@link #of That name} if it takes no more edits than a third of the letters; otherwise none,
   * since it was hardly meant.
   */
  public static Optional<String> close(String given, Collection<String> known) {
    int most = Math.max(1, given.length() / 3);
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(of(given, known)).filter(name -> distance(given, name) <= most);
  }

  /**
   * Letters inserted, left out, changed or swapped with their neighbour (restricted
   * Damerau-Levenshtein distance), upper and lower case being the same.
   */
  private static int distance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT);
    String to = b.toLowerCase(Locale.ROOT);
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : edits(edits, from, to, i, j);
      }
    }
    return edits[from.length()][to.length()];
  }

  private static int edits(int[][] edits, String from, String to, int i, int j) {
    int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
    int best =
        Math.min(edits[i - 1][j - 1] + change, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
    boolean isSwap =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return isSwap ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
  }
}
