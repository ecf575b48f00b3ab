package org.etalon.client;

/** The clock and timer of a client. Thread-safe; a test has its own. */
interface ClientTime {
  /** Nanoseconds since some instant. */
  long nanos();

  /** Runs something once, on a thread that must not block. */
  Timeout after(long delayNs, Runnable action);

  /** Something that is to run. */
  @FunctionalInterface
  interface Timeout {
    /** True if it has not run, and now never will. */
    boolean cancel();
  }
}
