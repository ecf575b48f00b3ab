package org.etalon.strain.opendata;

import java.time.Duration;

/** Waiting between attempts; a clock of their own lets tests not wait. */
interface Pause {
  void pause(Duration duration) throws InterruptedException;
}
