package org.etalon.analysis.search;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableDataset;
import java.nio.file.Path;
import java.util.Random;

/** Makes strain files in GWOSC's layout: white noise of 1e-21, and bursts. */
final class StrainFiles {
  private static final double SIGMA = 1e-21;
  private static final double BURST_HZ = 120;
  private static final double BURST_SECONDS = 0.01;

  private StrainFiles() {}

  static double[] noise(int samples, long seed) {
    var random = new Random(seed);
    double[] strain = new double[samples];
    for (int i = 0; i < samples; i++) {
      strain[i] = SIGMA * random.nextGaussian();
    }
    return strain;
  }

  /** Adds a sine-Gaussian with its middle so many seconds from the start. */
  static void burst(double[] strain, int sampleRateHz, double atSeconds, double sigmas) {
    for (int i = 0; i < strain.length; i++) {
      double t = (double) i / sampleRateHz - atSeconds;
      double envelope = Math.exp(-0.5 * t * t / BURST_SECONDS / BURST_SECONDS);
      strain[i] += sigmas * SIGMA * envelope * Math.cos(2 * Math.PI * BURST_HZ * t);
    }
  }

  static Path write(Path path, double[] strain, long startSeconds, int sampleRateHz) {
    try (WritableHdfFile file = HdfFile.write(path)) {
      WritableDataset dataset = file.putGroup("strain").putDataset("Strain", strain);
      dataset.putAttribute("Xstart", startSeconds);
      dataset.putAttribute("Xspacing", 1.0 / sampleRateHz);
    }
    return path;
  }
}
