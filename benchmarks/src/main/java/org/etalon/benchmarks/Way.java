package org.etalon.benchmarks;

/** One way to run the whole data set through the model. Used by one thread. */
interface Way extends AutoCloseable {
  /** What the table calls it. */
  String name();

  /**
   * Runs the data set once.
   *
   * @return the model's output for each row, in the rows' order
   */
  float[] pass() throws Exception;

  /** CPU time so far, in nanoseconds, of processes other than this one that do the work. */
  default long otherCpuNanos() {
    return 0;
  }

  @Override
  void close() throws Exception;
}
