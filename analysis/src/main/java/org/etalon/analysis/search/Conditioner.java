package org.etalon.analysis.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.signal.InverseSpectrumWhitening;
import org.etalon.strain.signal.Psd;
import org.etalon.strain.signal.Resampling;
import org.etalon.strain.signal.Welch;
import org.etalon.strain.signal.WhiteningSettings;
import org.etalon.strain.signal.Window;

/**
 * Turns strain into what the network takes: resampled, and whitened with the PSD of the same
 * strain.
 *
 * <p>Strain no longer than a block is whitened in one piece. Longer strain is whitened in blocks of
 * one length, so that one filter length and few megabytes serve hours; the last block is moved back
 * to end with the strain, and gives only what the one before it did not.
 */
final class Conditioner {
  /** Read beyond a block, so that resampling meets strain there, not zeros. */
  private static final long MARGIN_NS = GpsTime.NS_PER_SECOND;

  private final SearchSettings settings;
  private final Welch welch;
  private final WhiteningSettings whitening;

  /** Of the latest block's length, which is that of nearly all. */
  private Fft fft;

  Conditioner(SearchSettings settings) {
    this.settings = settings;
    int segment = (int) GpsTime.samples(settings.fftSeconds(), settings.sampleRateHz());
    this.welch =
        Welch.of(
            settings.sampleRateHz(),
            Window.hann(segment, Window.Sampling.PERIODIC),
            (int) GpsTime.samples(settings.overlapSeconds(), settings.sampleRateHz()),
            Welch.Average.MEDIAN);
    this.whitening =
        new WhiteningSettings(
            settings.sampleRateHz(), settings.filterSeconds(), settings.highpassHz());
    this.fft = Fft.ofSize(segment);
  }

  /**
   * Refuses strain whose rate the network's cannot be made of.
   *
   * @throws IOException if the rate is below the network's, or their ratio is not one of small
   *     numbers
   */
  void requireRate(StrainSource source) throws IOException {
    int rate = source.sampleRateHz();
    int divisor = gcd(rate, settings.sampleRateHz());
    if (rate < settings.sampleRateHz() || rate / divisor > 1000) {
      throw new IOException(
          "%s strain at %d Hz (expected: at least the model's %d Hz, and a ratio of small numbers)"
              .formatted(source.ifo(), rate, settings.sampleRateHz()));
    }
  }

  /** Blocks that a ring is whitened in, for each detector. */
  int blocks(Ring ring) {
    return reads(ring).size();
  }

  /**
   * Whitens one detector's strain of a ring.
   *
   * @param afterEach run after each block
   */
  float[] whiten(StrainSource source, Ring ring, Runnable afterEach) throws IOException {
    float[] white = new float[ring.size()];
    int filled = 0;
    for (Segment read : reads(ring)) {
      double[] block = whiten(resampled(source, read, ring.common()), source, read);
      int end = sample(ring, read.endNs() - settings.halfFilterNs());
      for (int from = block.length - (end - filled); filled < end; filled++, from++) {
        white[filled] = (float) block[from];
      }
      afterEach.run();
    }
    return white;
  }

  /** The raw strain of each block, half a filter longer at both ends than what it gives. */
  private List<Segment> reads(Ring ring) {
    long startNs = ring.whitened().startNs() - settings.halfFilterNs();
    long endNs = ring.whitened().endNs() + settings.halfFilterNs();
    long blockNs = GpsTime.ofSeconds(settings.blockSeconds());
    if (endNs - startNs <= blockNs) {
      return List.of(new Segment(startNs, endNs));
    }
    List<Segment> reads = new ArrayList<>();
    long stepNs = blockNs - 2 * settings.halfFilterNs();
    for (long atNs = startNs; atNs + 2 * settings.halfFilterNs() < endNs; atNs += stepNs) {
      long fromNs = Math.min(atNs, endNs - blockNs);
      reads.add(new Segment(fromNs, fromNs + blockNs));
    }
    return reads;
  }

  private double[] resampled(StrainSource source, Segment span, Segment available)
      throws IOException {
    var wide =
        new Segment(span.startNs() - MARGIN_NS, span.endNs() + MARGIN_NS)
            .intersection(available)
            .orElseThrow();
    int divisor = gcd(source.sampleRateHz(), settings.sampleRateHz());
    double[] resampled =
        Resampling.polyphase(
            source.read(wide), settings.sampleRateHz() / divisor, source.sampleRateHz() / divisor);
    int from = samples(span.startNs() - wide.startNs());
    int to = from + samples(span.durationNs());
    return java.util.Arrays.copyOfRange(resampled, from, to);
  }

  private double[] whiten(double[] strain, StrainSource source, Segment span) throws IOException {
    try {
      Psd psd = welch.estimate(strain);
      if (fft.size() != strain.length) {
        fft = Fft.ofSize(strain.length);
      }
      return InverseSpectrumWhitening.of(psd, fft, whitening).whiten(strain);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s strain of %s cannot be whitened: %s".formatted(source.ifo(), span, e.getMessage()),
          e);
    }
  }

  private int sample(Ring ring, long gpsNs) {
    return samples(gpsNs - ring.whitened().startNs());
  }

  private int samples(long durationNs) {
    return Math.toIntExact(GpsTime.samples(durationNs, settings.sampleRateHz()));
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
