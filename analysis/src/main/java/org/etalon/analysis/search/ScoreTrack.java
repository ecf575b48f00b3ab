package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the local maxima of averages of scores that come one after another: those that {@link
 * Triggers} finds once all are there. Owned by one thread.
 */
final class ScoreTrack {
  private final int integrationSize;

  /** The latest scores, in a ring of as many as make an average. */
  private final float[] recent;

  private final int firstWindow;
  private int count;
  private float before;
  private float last;

  /**
   * @param firstWindow the number of the first window to come
   */
  ScoreTrack(int integrationSize, int firstWindow) {
    this.integrationSize = integrationSize;
    this.firstWindow = firstWindow;
    this.recent = new float[integrationSize];
  }

  /** The window to come. */
  int nextWindow() {
    return firstWindow + count;
  }

  /** Averages that there are: each is a chance to find something. */
  int averages() {
    return Math.max(0, count - integrationSize + 1);
  }

  /** Takes the scores of the next windows; gives the maxima that are now known. */
  List<Trigger> push(float[] scores) {
    List<Trigger> found = new ArrayList<>();
    for (float score : scores) {
      recent[count % integrationSize] = score;
      count++;
      if (averages() > 0) {
        next(average(), found);
      }
    }
    return found;
  }

  private void next(float average, List<Trigger> found) {
    if (averages() > 1 && isAbovePast(averages() - 1) && last >= average) {
      found.add(trigger(averages() - 2));
    }
    before = last;
    last = average;
  }

  /** The last average, if nothing comes after it and it is a maximum. */
  List<Trigger> end() {
    return averages() > 0 && isAbovePast(averages()) ? List.of(trigger(averages() - 1)) : List.of();
  }

  /** Whether the latest of so many averages is above the one before it. */
  private boolean isAbovePast(int averages) {
    return averages == 1 || last > before;
  }

  private Trigger trigger(int average) {
    return new Trigger(firstWindow + average, last);
  }

  /** Oldest first, so that the sum is the one of {@link Triggers#average}. */
  private float average() {
    double sum = 0;
    for (int i = 0; i < integrationSize; i++) {
      sum += recent[(count + i) % integrationSize];
    }
    return (float) (sum / integrationSize);
  }
}
