package org.etalon.analysis.search;

/** Told how far a search is, on the thread that runs it. */
@FunctionalInterface
public interface SearchProgress {
  /** The parts of a search, in order; whitening and scoring alternate for long strain. */
  enum Stage {
    /** Files are opened and summed; counted in files. */
    READING,
    /** Counted in blocks of both detectors. */
    WHITENING,
    /** Counted in windows, of all slides. */
    SCORING,
    /** Counted in pictures. */
    REPORT
  }

  /** Nobody is told. */
  SearchProgress NONE = (_, _, _) -> {};

  /** {@code done} of {@code total} are done. */
  void update(Stage stage, long done, long total);
}
