package org.etalon.strain.stream;

import java.util.Arrays;

/**
 * Subtracts predicted noise, which comes later than the strain, from the strain: {@code cleaned =
 * strain - scale * filtered(noise)}, aligned in time.
 *
 * <p>The filter confines the prediction to the band in which the network predicts; beyond the start
 * and the end of the stream the prediction counts as zero. Cleaned strain comes {@link
 * #latencySamples} after the strain; for as many samples before the start, zeros are given.
 */
public final class Subtractor {
  private final int noiseLatency;
  private final double scale;
  private final ZeroPhaseFilter filter;
  private final RecentSamples strain;
  private final RecentSamples noise;
  private double[] filtered = new double[0];

  /**
   * @param noiseLatency samples by which the prediction lags behind the strain
   * @param scale strain of one unit of the prediction
   * @param filter applied to the prediction
   */
  public Subtractor(int noiseLatency, double scale, ZeroPhaseFilter filter) {
    Shapes.require("noiseLatency", noiseLatency, 0, 1 << 28);
    this.noiseLatency = noiseLatency;
    this.scale = scale;
    this.filter = filter;
    this.strain = new RecentSamples(latencySamples(), 0);
    this.noise = new RecentSamples(2 * filter.half(), -noiseLatency);
  }

  /** Samples by which the cleaned strain lags behind the strain. */
  public int latencySamples() {
    return noiseLatency + filter.half();
  }

  /** Samples after which nothing of what came before is left. */
  public int memorySamples() {
    return noiseLatency + 2 * filter.half();
  }

  /** Samples that {@link #push} gives. */
  public int samples(int count, boolean isEnd) {
    return count + (isEnd ? latencySamples() : 0);
  }

  /**
   * Takes new strain and the prediction that came with it.
   *
   * @param newStrain any number of samples
   * @param newNoise as many, the first of them {@code noiseLatency} before the first of the strain;
   *     at the end all that is left, so {@code noiseLatency} more
   * @param isEnd true for the last samples: what is left is given too
   * @return cleaned strain, the first sample {@link #latencySamples} before the first of the strain
   * @throws IllegalArgumentException if there is more or less noise; nothing has happened then
   */
  public double[] push(double[] newStrain, double[] newNoise, boolean isEnd) {
    int expected = newStrain.length + (isEnd ? noiseLatency : 0);
    if (newNoise.length != expected) {
      throw new IllegalArgumentException(
          "noise: %d samples with %d of strain%s (expected: %d)"
              .formatted(
                  newNoise.length,
                  newStrain.length,
                  isEnd ? " at the stream's end" : "",
                  expected));
    }
    long first = strain.end() - latencySamples();
    strain.append(newStrain, 0, newStrain.length);
    int ahead = isEnd ? filter.half() : 0;
    noise.append(Arrays.copyOf(newNoise, newNoise.length + ahead), 0, newNoise.length + ahead);
    double[] cleaned = new double[samples(newStrain.length, isEnd)];
    if (filtered.length < cleaned.length) {
      filtered = new double[cleaned.length];
    }
    filter.apply(noise, first, 1, cleaned.length, filtered, 0);
    double[] raw = strain.array();
    int at = strain.index(first);
    int unborn = (int) Math.min(cleaned.length, Math.max(0, -first));
    for (int i = unborn; i < cleaned.length; i++) {
      cleaned[i] = raw[at + i] - scale * filtered[i];
    }
    return cleaned;
  }
}
