package org.etalon.strain.source;

import java.time.Duration;

/** Time as a live source waits through it; tests have one of their own. */
interface Ticker {
  long nowNs();

  void sleep(Duration duration) throws InterruptedException;

  /** The machine's. */
  static Ticker ofSystem() {
    return new Ticker() {
      @Override
      public long nowNs() {
        return System.nanoTime();
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
      }
    };
  }
}
