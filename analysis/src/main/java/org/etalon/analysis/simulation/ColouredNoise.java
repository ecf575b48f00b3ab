package org.etalon.analysis.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import org.etalon.strain.signal.Fft;

/**
 * Gaussian noise of a spectrum, for ever, any part of which can be asked for. Blocks drawn in the
 * frequency domain overlap by half under windows whose squares add up to one: there is no seam, and
 * a block depends on its number alone. The spectrum is blurred by about two bins of a block.
 *
 * <p>Owned by one thread; keeps the blocks it made last.
 */
final class ColouredNoise {
  private static final int BLOCKS_KEPT = 3;

  private final long seed;
  private final String part;
  private final int half;
  private final Fft fft;
  private final double[] deviation;
  private final double[] window;

  @SuppressWarnings("serial") // never serialised
  private final Map<Long, double[]> blocks =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, double[]> eldest) {
          return size() > BLOCKS_KEPT;
        }
      };

  /**
   * @param part the name of this noise, from which and the seed all follows
   * @param blockSeconds a whole number of samples, and even
   */
  ColouredNoise(long seed, String part, int sampleRateHz, int blockSeconds, NoiseCurve curve) {
    this.seed = seed;
    this.part = part;
    int size = Math.multiplyExact(sampleRateHz, blockSeconds);
    half = size / 2;
    fft = Fft.ofSize(size);
    window = new double[size];
    for (int i = 0; i < size; i++) {
      window[i] = Math.sin(Math.PI * (i + 0.5) / size);
    }
    // E|X_k|^2 = S(f_k) f_s n / 2 for a one-sided density S; half of it in each part.
    deviation = new double[fft.bins()];
    for (int k = 1; k < deviation.length; k++) {
      double density = curve.at((double) k / blockSeconds);
      deviation[k] = Math.sqrt(density * sampleRateHz * size / 4);
    }
  }

  /** Adds the samples from {@code first} on, counted from GPS zero. */
  void addTo(double[] samples, long first) {
    long from = Math.floorDiv(first, half) - 1;
    long to = Math.floorDiv(first + samples.length - 1, half);
    for (long block = from; block <= to; block++) {
      double[] noise = blocks.get(block);
      if (noise == null) {
        noise = make(block);
        blocks.put(block, noise);
      }
      long start = block * half;
      int begin = (int) Math.max(0, start - first);
      int end = (int) Math.min(samples.length, start + noise.length - first);
      for (int i = begin; i < end; i++) {
        samples[i] += noise[(int) (first + i - start)];
      }
    }
  }

  private double[] make(long block) {
    Draws draws = Draws.of(seed, part, block);
    double[] spectrum = new double[2 * fft.bins()];
    for (int k = 1; k < fft.bins(); k++) {
      spectrum[2 * k] = deviation[k] * draws.normal();
      spectrum[2 * k + 1] = deviation[k] * draws.normal();
    }
    double[] noise = fft.inverse(spectrum);
    for (int i = 0; i < noise.length; i++) {
      noise[i] *= window[i];
    }
    return noise;
  }
}
