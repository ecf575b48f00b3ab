package org.etalon.analysis.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.etalon.strain.GpsTime;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.signal.WhiteningSettings;
import org.etalon.strain.source.StrainChunk;
import org.etalon.strain.stream.Whitener;
import org.etalon.strain.stream.WhitenerSettings;

/**
 * Whitens the strain of both detectors as it comes, each with the PSD of what has passed. A stretch
 * begins at a whole second; what is given begins once there is a PSD and the filter is full. Over a
 * gap no longer than the PSD's time the PSD is kept. Owned by one thread.
 */
final class LiveWhitening {
  static final int PSD_SECONDS = 32;
  static final int FIRST_PSD_SECONDS = 8;

  private final SearchSettings settings;
  private final List<Detector> detectors = new ArrayList<>();
  private long stretchNs;
  private long endNs;

  /** Where a stretch's whitened strain begins, counted from the stretch's start. */
  private int valid;

  private long given;

  private static final class Detector {
    final Whitener whitener;
    final int rateHz;
    double[] rest = new double[0];

    Detector(Whitener whitener, int rateHz) {
      this.whitener = whitener;
      this.rateHz = rateHz;
    }
  }

  LiveWhitening(SearchSettings settings) {
    this.settings = settings;
    if (settings.fftSeconds() % 1 != 0
        || settings.overlapSeconds() * 2 != settings.fftSeconds()
        || settings.fftSeconds() > FIRST_PSD_SECONDS) {
      throw new IllegalArgumentException(
          "fftSeconds: %s with overlapSeconds: %s (expected live: whole seconds, at most %d, that overlap by half)"
              .formatted(settings.fftSeconds(), settings.overlapSeconds(), FIRST_PSD_SECONDS));
    }
  }

  /** How much of the past has a part in what is given, in whole seconds. */
  long memorySeconds() {
    return PSD_SECONDS + 2L * (long) settings.fftSeconds() + (long) settings.filterSeconds() + 2;
  }

  /** The instant of the first whitened sample of the stretch. */
  long validNs() {
    return stretchNs + GpsTime.durationNs(valid, settings.sampleRateHz());
  }

  /** Whether there is nothing yet, or the chunk does not follow what came before. */
  boolean isGapBefore(StrainChunk chunk) {
    return detectors.isEmpty() || chunk.span().startNs() != endNs;
  }

  /**
   * Begins a stretch.
   *
   * @return true if the PSD of the one before is kept
   * @throws IOException if the strain cannot be brought to the network's rate
   */
  boolean begin(StrainChunk first) throws IOException {
    long second = GpsTime.NS_PER_SECOND;
    long gapNs = first.span().startNs() - endNs;
    boolean isKept = !detectors.isEmpty() && hasPsd() && gapNs <= PSD_SECONDS * second;
    if (isKept) {
      detectors.forEach(detector -> detector.whitener.restart());
      detectors.forEach(detector -> detector.rest = new double[0]);
    } else {
      detectors.clear();
      for (TimeSeries channel : first.channels()) {
        detectors.add(detector(channel));
      }
    }
    stretchNs = Math.ceilDiv(first.span().startNs(), second) * second;
    endNs = first.span().startNs();
    given = 0;
    int until = isKept ? settings.halfFilter() : firstPsd() - settings.halfFilter();
    valid = Math.ceilDiv(until, settings.stride()) * settings.stride();
    return isKept;
  }

  private int firstPsd() {
    return FIRST_PSD_SECONDS * settings.sampleRateHz();
  }

  private boolean hasPsd() {
    return detectors.stream().allMatch(detector -> detector.whitener.hasPsd());
  }

  private Detector detector(TimeSeries channel) throws IOException {
    int rate = (int) channel.sampleRateHz();
    if (rate != channel.sampleRateHz() || rate % settings.sampleRateHz() != 0) {
      throw new IOException(
          "%s is sampled at %s Hz (expected live: a multiple of the model's %d Hz)"
              .formatted(channel.channel(), channel.sampleRateHz(), settings.sampleRateHz()));
    }
    WhiteningSettings filter =
        new WhiteningSettings(
            settings.sampleRateHz(), settings.filterSeconds(), settings.highpassHz());
    int least = WhitenerSettings.minLatencySamples(rate, settings.sampleRateHz(), filter);
    return new Detector(
        new Whitener(
            new WhitenerSettings(
                rate,
                settings.sampleRateHz(),
                PSD_SECONDS,
                FIRST_PSD_SECONDS,
                (int) settings.fftSeconds(),
                settings.filterSeconds(),
                settings.highpassHz(),
                Math.ceilDiv(least, settings.stride()) * settings.stride())),
        rate);
  }

  /**
   * Takes a chunk that follows what came before in the stretch.
   *
   * @return fresh whitened strain, one array for each detector, as long as each other
   */
  List<float[]> push(StrainChunk chunk) {
    long skipNs = Math.max(0, stretchNs - chunk.span().startNs());
    endNs = chunk.span().endNs();
    List<double[]> white = new ArrayList<>();
    for (int i = 0; i < detectors.size(); i++) {
      white.add(whiten(detectors.get(i), chunk.channels().get(i).samples(), skipNs));
    }
    int latency = detectors.getFirst().whitener.latencySamples();
    int count = white.getFirst().length;
    int early = Math.clamp(valid + latency - given, 0, count);
    given += count;
    return white.stream().map(samples -> fresh(samples, early)).toList();
  }

  /** Strides that are whole; what is left waits for the next chunk. */
  private double[] whiten(Detector detector, double[] samples, long skipNs) {
    int skip =
        (int) Math.min(samples.length, Math.ceilDiv(skipNs * detector.rateHz, 1_000_000_000L));
    int rest = detector.rest.length;
    double[] all = Arrays.copyOf(detector.rest, rest + samples.length - skip);
    System.arraycopy(samples, skip, all, rest, samples.length - skip);
    int stride = detector.rateHz / settings.inferenceSamplingRateHz();
    int whole = all.length / stride * stride;
    detector.rest = Arrays.copyOfRange(all, whole, all.length);
    return detector.whitener.push(Arrays.copyOf(all, whole));
  }

  private static float[] fresh(double[] samples, int early) {
    float[] fresh = new float[samples.length - early];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = (float) samples[early + i];
    }
    return fresh;
  }
}
