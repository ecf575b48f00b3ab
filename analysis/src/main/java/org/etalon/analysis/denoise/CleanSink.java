package org.etalon.analysis.denoise;

import java.io.IOException;

/** Where cleaned strain goes, in order of time. */
@FunctionalInterface
interface CleanSink {
  void take(long startNs, int sampleRateHz, double[] samples) throws IOException;
}
