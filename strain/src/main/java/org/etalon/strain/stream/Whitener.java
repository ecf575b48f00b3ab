package org.etalon.strain.stream;

import java.util.Arrays;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.signal.InverseSpectrumWhitening;
import org.etalon.strain.signal.Psd;
import org.etalon.strain.signal.Welch;

/**
 * Whitens one detector's strain with a PSD estimated from what has passed.
 *
 * <p>The strain is brought to the whitened strain's rate as {@code Resampling.polyphase} does. Each
 * half Welch segment the PSD of the latest {@code psdSeconds} is estimated (median of segments, so
 * that a signal or a glitch changes it little), and of it the filter of {@link
 * InverseSpectrumWhitening} for a series of {@code psdSeconds}. A sample is filtered when the last
 * one that its filter reaches has come, with the PSD of that moment: offline whitening of {@code
 * psdSeconds} of strain with the same PSD gives the same samples, but for the mean that it removes
 * and the filter's response beyond its nominal length, which the stream cuts off.
 *
 * <p>Until there is a first PSD, and before the start, zeros are given.
 */
public final class Whitener {
  private final WhitenerSettings settings;
  private final ZeroPhaseFilter decimation;
  private final Welch welch;
  private final Fft design;
  private final double scale;
  private RecentSamples strain;
  private RecentSamples lowered;
  private RecentSamples white;
  private final int half;
  private ZeroPhaseFilter filter;
  private boolean hasPsd;

  public Whitener(WhitenerSettings settings) {
    this.settings = settings;
    this.decimation = ZeroPhaseFilter.beforeDecimation(settings.factor());
    this.half = settings.whitening().filterSamples() / 2;
    this.filter = ZeroPhaseFilter.none();
    this.welch = Welch.of(settings.sampleRateHz(), settings.fftSeconds(), Welch.Average.MEDIAN);
    this.design = Fft.ofSize(settings.psdSamples());
    this.scale = Math.sqrt(2.0 / settings.sampleRateHz());
    this.strain = new RecentSamples(2 * decimation.half() + settings.factor(), 0);
    this.lowered = new RecentSamples(Math.max(settings.psdSamples(), 2 * half), 0);
    this.white = new RecentSamples(settings.latencySamples(), 0);
  }

  /** Whether there is a PSD, so that more than zeros are given. */
  public boolean hasPsd() {
    return hasPsd;
  }

  /**
   * Begins anew, as if no strain had come, but with the PSD that there is: for a gap too short for
   * the noise to have changed. There is a new PSD once there has been as much strain as for a first
   * one.
   */
  public void restart() {
    strain = new RecentSamples(2 * decimation.half() + settings.factor(), 0);
    lowered = new RecentSamples(Math.max(settings.psdSamples(), 2 * half), 0);
    white = new RecentSamples(settings.latencySamples(), 0);
  }

  /** Samples at the whitened strain's rate by which it lags behind. */
  public int latencySamples() {
    return settings.latencySamples();
  }

  /** Samples of input after which nothing of what came before is left. */
  public int memorySamples() {
    int own = settings.psdSamples() + 2 * settings.hopSamples() + settings.latencySamples() + half;
    return own * settings.factor();
  }

  /** Samples of input from one estimate of the PSD to the next, counted from the start. */
  public int alignmentSamples() {
    return settings.hopSamples() * settings.factor();
  }

  /** Samples that {@link #push} gives. */
  public int samples(int count) {
    return count / settings.factor();
  }

  /**
   * Takes new strain.
   *
   * @param samples a multiple of the ratio of the rates
   * @return whitened strain, {@link #samples} of them, the first {@link #latencySamples} before the
   *     first that came; unit variance for Gaussian noise of the PSD, if all frequencies passed
   * @throws IllegalArgumentException if the number does not fit, or a sample is not finite; nothing
   *     has happened then
   */
  public double[] push(double[] samples) {
    if (samples.length % settings.factor() != 0) {
      throw new IllegalArgumentException(
          "update: %d samples (expected: a multiple of %d, the ratio of %d Hz to %d Hz)"
              .formatted(
                  samples.length,
                  settings.factor(),
                  settings.inputRateHz(),
                  settings.sampleRateHz()));
    }
    for (int i = 0; i < samples.length; i++) {
      if (!Double.isFinite(samples[i])) {
        throw new IllegalArgumentException(
            "sample %d of the update: %s (expected: finite)".formatted(i, samples[i]));
      }
    }
    double[] fresh = lower(samples);
    double[] whitened = new double[fresh.length];
    int done = 0;
    while (done < fresh.length) {
      int hop = settings.hopSamples();
      int count = (int) Math.min(fresh.length - done, hop - lowered.end() % hop);
      lowered.append(fresh, done, count);
      whiten(whitened, done, count);
      if (lowered.end() % hop == 0) {
        estimate();
      }
      done += count;
    }
    white.append(whitened, 0, whitened.length);
    return given(samples(samples.length));
  }

  /** Those samples of the lower rate that are now known. */
  private double[] lower(double[] samples) {
    int factor = settings.factor();
    int reach = decimation.half();
    long before = known(strain.end(), reach, factor);
    strain.append(samples, 0, samples.length);
    int count = (int) (known(strain.end(), reach, factor) - before);
    double[] fresh = new double[count];
    decimation.apply(strain, before * factor, factor, count, fresh, 0);
    return fresh;
  }

  private static long known(long end, int reach, int factor) {
    return end <= reach ? 0 : (end - reach - 1) / factor + 1;
  }

  /** Whitens the samples that the newest {@code count} have completed. */
  private void whiten(double[] whitened, int at, int count) {
    if (hasPsd) {
      filter.apply(lowered, lowered.end() - count - half, 1, count, whitened, at);
      for (int i = at; i < at + count; i++) {
        whitened[i] *= scale;
      }
    }
  }

  private void estimate() {
    if (lowered.end() < settings.firstPsdSamples()) {
      return;
    }
    int size = (int) Math.min(lowered.end(), settings.psdSamples());
    int from = lowered.index(lowered.end() - size);
    Psd psd = welch.estimate(Arrays.copyOfRange(lowered.array(), from, from + size));
    double[] magnitude =
        InverseSpectrumWhitening.of(psd, design, settings.whitening()).transferFunction();
    double[] spectrum = new double[2 * magnitude.length];
    for (int k = 0; k < magnitude.length; k++) {
      spectrum[2 * k] = magnitude[k];
    }
    filter = ZeroPhaseFilter.ofImpulse(design.inverse(spectrum), half);
    hasPsd = true;
  }

  /**
   * Sample {@code i} of {@link #white} was completed with sample {@code i} at the lower rate and
   * belongs to the time {@code half} before it.
   */
  private double[] given(int count) {
    double[] result = new double[count];
    long inputs = strain.end() / settings.factor() - count;
    long from = inputs - settings.latencySamples() + half;
    int at = white.index(from);
    System.arraycopy(white.array(), at, result, 0, count);
    return result;
  }
}
