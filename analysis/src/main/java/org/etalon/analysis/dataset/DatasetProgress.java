package org.etalon.analysis.dataset;

/** Told how far a data set is; called by one thread. */
@FunctionalInterface
public interface DatasetProgress {
  /**
   * @param rows complete so far, those of an earlier run that is resumed among them
   * @param totalRows in the data set
   */
  void advanced(long rows, long totalRows);
}
