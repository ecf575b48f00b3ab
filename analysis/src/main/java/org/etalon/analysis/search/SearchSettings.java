package org.etalon.analysis.search;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.etalon.strain.GpsTime;

/**
 * The numbers of a search, checked as a whole. Start from {@link #defaults}, which are those the
 * {@code bbh} network was trained for, and change with {@link #with}.
 *
 * @param sampleRateHz of the network's input; strain at another rate is resampled
 * @param kernelSeconds the network's input window
 * @param inferenceSamplingRateHz kernels a second
 * @param fftSeconds length of a Welch segment of the PSD
 * @param overlapSeconds of neighbouring Welch segments
 * @param filterSeconds length of the whitening filter ({@code fduration})
 * @param highpassHz frequencies below are removed in whitening
 * @param blockSeconds strain whitened with one PSD: a longer stretch is divided into blocks of
 *     exactly this length, each with the PSD of its own strain
 * @param ringSeconds longest stretch that is held in memory whitened, and in which time slides go
 *     round; longer ones are divided
 * @param slides number of time slides; empty: one less than the longest stretch has shifts, at most
 *     32
 * @param shiftSeconds by which the second detector is offset from one slide to the next
 * @param integrationSeconds over which scores are averaged
 * @param clusterSeconds in which only the loudest candidate is kept
 * @param batchSize windows in a request
 * @param maxInFlight requests that wait for an answer at a time
 * @param maxPictures events shown with pictures in the report
 */
public record SearchSettings(
    int sampleRateHz,
    double kernelSeconds,
    int inferenceSamplingRateHz,
    double fftSeconds,
    double overlapSeconds,
    double filterSeconds,
    double highpassHz,
    int blockSeconds,
    int ringSeconds,
    OptionalInt slides,
    int shiftSeconds,
    double integrationSeconds,
    double clusterSeconds,
    int batchSize,
    int maxInFlight,
    int maxPictures) {

  /**
   * @throws IllegalArgumentException naming every value that is wrong, and why
   */
  public SearchSettings {
    var rules = new Rules();
    rules.require(sampleRateHz >= 256, "sampleRateHz", sampleRateHz, ">= 256");
    rules.require(
        inferenceSamplingRateHz > 0 && sampleRateHz % Math.max(1, inferenceSamplingRateHz) == 0,
        "inferenceSamplingRateHz",
        inferenceSamplingRateHz,
        "a divisor of sampleRateHz=" + sampleRateHz);
    rules.requireSamples("kernelSeconds", kernelSeconds, sampleRateHz);
    rules.requireSamples("fftSeconds", fftSeconds, sampleRateHz);
    rules.requireSamples("half of filterSeconds", filterSeconds / 2, inferenceSamplingRateHz);
    rules.requireSamples("integrationSeconds", integrationSeconds, inferenceSamplingRateHz);
    rules.require(
        overlapSeconds >= 0 && overlapSeconds < fftSeconds,
        "overlapSeconds",
        overlapSeconds,
        "from 0 to below fftSeconds=" + fftSeconds);
    rules.require(
        highpassHz >= 0 && highpassHz < sampleRateHz / 2.0,
        "highpassHz",
        highpassHz,
        "from 0 to below " + sampleRateHz / 2.0);
    rules.require(
        blockSeconds >= shortest(kernelSeconds, filterSeconds, fftSeconds),
        "blockSeconds",
        blockSeconds,
        "at least kernelSeconds + filterSeconds + fftSeconds");
    rules.require(ringSeconds >= blockSeconds, "ringSeconds", ringSeconds, ">= blockSeconds");
    rules.require(ringSeconds <= 1 << 16, "ringSeconds", ringSeconds, "at most 65536");
    rules.require(slides.orElse(1) >= 1, "slides", slides.orElse(1), ">= 1");
    rules.require(shiftSeconds >= 1, "shiftSeconds", shiftSeconds, ">= 1");
    rules.require(clusterSeconds > 0, "clusterSeconds", clusterSeconds, "> 0");
    rules.require(batchSize >= 1 && batchSize <= 4096, "batchSize", batchSize, "1 to 4096");
    rules.require(maxInFlight >= 1 && maxInFlight <= 256, "maxInFlight", maxInFlight, "1 to 256");
    rules.require(maxPictures >= 1, "maxPictures", maxPictures, ">= 1");
    rules.throwFaults();
  }

  /**
   * Made for {@code bbh}: one-second kernels at 2048 Hz, 16 a second, whitened with the median PSD
   * of 2 s segments.
   *
   * <p>A merger is seen from 0.05 to 0.93 s into a kernel, so that 14 or 15 kernels in a row answer
   * it with nearly one score. Averaged over 0.75 s such a plateau loses nothing, and the loudest
   * background of GW150914's 32 s falls from 3.9 to 3.2 (8.9 for the event); over 1 s the event
   * loses too.
   */
  public static SearchSettings defaults() {
    return new SearchSettings(
        2048, 1, 16, 2, 1, 1, 20, 128, 4096, OptionalInt.empty(), 1, 0.75, 4, 64, 4, 6);
  }

  /** Begins with these settings. */
  public Builder with() {
    return new Builder(this);
  }

  /** Samples of a kernel. */
  int kernelSize() {
    return (int) GpsTime.samples(kernelSeconds, sampleRateHz);
  }

  /** Samples from one kernel to the next. */
  int stride() {
    return sampleRateHz / inferenceSamplingRateHz;
  }

  /** Scores that are averaged. */
  int integrationSize() {
    return (int) GpsTime.samples(integrationSeconds, inferenceSamplingRateHz);
  }

  int halfFilter() {
    return (int) GpsTime.samples(filterSeconds / 2, sampleRateHz);
  }

  int shiftSamples() {
    return Math.multiplyExact(shiftSeconds, sampleRateHz);
  }

  long halfFilterNs() {
    return GpsTime.ofSeconds(filterSeconds / 2);
  }

  long strideNs() {
    return GpsTime.durationNs(stride(), sampleRateHz);
  }

  /** Strain that a stretch needs at least. */
  double shortestSeconds() {
    return shortest(kernelSeconds, filterSeconds, fftSeconds);
  }

  private static double shortest(double kernel, double filter, double fft) {
    return kernel + filter + fft;
  }

  /** Collects what is wrong. */
  private static final class Rules {
    private final List<String> faults = new ArrayList<>();

    void require(boolean holds, String key, Object value, String expected) {
      if (!holds) {
        faults.add("%s: %s (expected: %s)".formatted(key, value, expected));
      }
    }

    void requireSamples(String key, double seconds, int rateHz) {
      boolean isWhole = seconds > 0 && seconds < 1e6 && seconds * rateHz % 1 == 0;
      require(isWhole, key, seconds + " s", "above 0, a whole number of 1/" + rateHz + " s");
    }

    void throwFaults() {
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
    }
  }

  /** Changes some of the settings. Owned by one thread. */
  public static final class Builder {
    private int sampleRateHz;
    private double kernelSeconds;
    private int inferenceSamplingRateHz;
    private double fftSeconds;
    private double overlapSeconds;
    private double filterSeconds;
    private double highpassHz;
    private int blockSeconds;
    private int ringSeconds;
    private OptionalInt slides;
    private int shiftSeconds;
    private double integrationSeconds;
    private double clusterSeconds;
    private int batchSize;
    private int maxInFlight;
    private int maxPictures;

    private Builder(SearchSettings from) {
      sampleRateHz = from.sampleRateHz;
      kernelSeconds = from.kernelSeconds;
      inferenceSamplingRateHz = from.inferenceSamplingRateHz;
      fftSeconds = from.fftSeconds;
      overlapSeconds = from.overlapSeconds;
      filterSeconds = from.filterSeconds;
      highpassHz = from.highpassHz;
      blockSeconds = from.blockSeconds;
      ringSeconds = from.ringSeconds;
      slides = from.slides;
      shiftSeconds = from.shiftSeconds;
      integrationSeconds = from.integrationSeconds;
      clusterSeconds = from.clusterSeconds;
      batchSize = from.batchSize;
      maxInFlight = from.maxInFlight;
      maxPictures = from.maxPictures;
    }

    public Builder sampleRateHz(int value) {
      sampleRateHz = value;
      return this;
    }

    public Builder kernelSeconds(double value) {
      kernelSeconds = value;
      return this;
    }

    public Builder inferenceSamplingRateHz(int value) {
      inferenceSamplingRateHz = value;
      return this;
    }

    public Builder fftSeconds(double value) {
      fftSeconds = value;
      return this;
    }

    public Builder overlapSeconds(double value) {
      overlapSeconds = value;
      return this;
    }

    public Builder filterSeconds(double value) {
      filterSeconds = value;
      return this;
    }

    public Builder highpassHz(double value) {
      highpassHz = value;
      return this;
    }

    public Builder blockSeconds(int value) {
      blockSeconds = value;
      return this;
    }

    public Builder ringSeconds(int value) {
      ringSeconds = value;
      return this;
    }

    public Builder slides(int value) {
      slides = OptionalInt.of(value);
      return this;
    }

    public Builder shiftSeconds(int value) {
      shiftSeconds = value;
      return this;
    }

    public Builder integrationSeconds(double value) {
      integrationSeconds = value;
      return this;
    }

    public Builder clusterSeconds(double value) {
      clusterSeconds = value;
      return this;
    }

    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    public Builder maxInFlight(int value) {
      maxInFlight = value;
      return this;
    }

    public Builder maxPictures(int value) {
      maxPictures = value;
      return this;
    }

    public SearchSettings build() {
      return new SearchSettings(
          sampleRateHz,
          kernelSeconds,
          inferenceSamplingRateHz,
          fftSeconds,
          overlapSeconds,
          filterSeconds,
          highpassHz,
          blockSeconds,
          ringSeconds,
          slides,
          shiftSeconds,
          integrationSeconds,
          clusterSeconds,
          batchSize,
          maxInFlight,
          maxPictures);
    }
  }
}
