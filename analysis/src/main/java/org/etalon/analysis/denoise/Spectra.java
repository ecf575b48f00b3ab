package org.etalon.analysis.denoise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.signal.Window;
import org.etalon.strain.source.StrainChunk;
import org.etalon.strain.source.StrainSource;

/**
 * Spectra of raw and cleaned strain and their coherence with the witnesses, from segments that
 * overlap by half: amplitudes by the median over segments, coherence by means. Owned by one thread.
 *
 * <p>The first and last {@code edge} of each stretch is left out, where fewer outputs cover a
 * sample.
 */
final class Spectra {
  /** Segments that are kept for the median; of a longer run those evenly spaced. */
  private static final int MAX_SEGMENTS = 256;

  private final int rateHz;
  private final int size;
  private final int edge;
  private final int keepEvery;
  private final double[] window;
  private final Fft fft;
  private final List<double[]> raw = new ArrayList<>();
  private final List<double[]> clean = new ArrayList<>();
  private final double[][][] cross;
  private final double[][] power;
  private int seen;

  /**
   * @param segmentSeconds length of a segment
   * @param totalSeconds that there are, about
   */
  Spectra(int rateHz, int witnesses, int segmentSeconds, double edgeSeconds, double totalSeconds) {
    this.rateHz = rateHz;
    this.size = segmentSeconds * rateHz;
    this.edge = (int) Math.ceil(edgeSeconds * rateHz);
    this.keepEvery = 1 + (int) (totalSeconds / segmentSeconds * 2 / MAX_SEGMENTS);
    this.window = Window.hann(size, Window.Sampling.PERIODIC);
    this.fft = Fft.ofSize(size);
    this.cross = new double[witnesses][2][2 * fft.bins()];
    this.power = new double[2 + witnesses][fft.bins()];
  }

  double frequencyStepHz() {
    return (double) rateHz / size;
  }

  int segments() {
    return raw.size();
  }

  /** Takes all of a source whose channels are raw strain, cleaned strain and the witnesses. */
  void add(StrainSource source) throws IOException, InterruptedException {
    double[][] held = new double[power.length][0];
    long endNs = Long.MIN_VALUE;
    boolean isFirst = true;
    for (Optional<StrainChunk> next = source.next(); next.isPresent(); next = source.next()) {
      StrainChunk chunk = next.get();
      if (chunk.span().startNs() != endNs) {
        held = new double[power.length][0];
        isFirst = true;
      }
      endNs = chunk.span().endNs();
      for (int c = 0; c < held.length; c++) {
        held[c] = join(held[c], chunk.channels().get(c).samples());
      }
      if (isFirst && held[0].length >= edge) {
        held = dropped(held, edge);
        isFirst = false;
      }
      while (!isFirst && held[0].length >= size + edge) {
        segment(held);
        held = dropped(held, size / 2);
      }
    }
  }

  private static double[] join(double[] a, double[] b) {
    double[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  private static double[][] dropped(double[][] held, int count) {
    double[][] rest = new double[held.length][];
    for (int c = 0; c < held.length; c++) {
      rest[c] = Arrays.copyOfRange(held[c], count, held[c].length);
    }
    return rest;
  }

  private void segment(double[][] held) {
    if (seen++ % keepEvery != 0) {
      return;
    }
    double[] rawSpectrum = spectrum(held[0]);
    double[] cleanSpectrum = spectrum(held[1]);
    raw.add(add(power[0], rawSpectrum));
    clean.add(add(power[1], cleanSpectrum));
    for (int w = 0; w < cross.length; w++) {
      double[] witness = spectrum(held[2 + w]);
      add(power[2 + w], witness);
      addCross(cross[w][0], rawSpectrum, witness);
      addCross(cross[w][1], cleanSpectrum, witness);
    }
  }

  private double[] spectrum(double[] samples) {
    double mean = 0;
    for (int i = 0; i < size; i++) {
      mean += samples[i] / size;
    }
    double[] windowed = new double[size];
    for (int i = 0; i < size; i++) {
      windowed[i] = (samples[i] - mean) * window[i];
    }
    return fft.forward(windowed);
  }

  private static double[] add(double[] sum, double[] spectrum) {
    double[] own = new double[sum.length];
    for (int k = 0; k < sum.length; k++) {
      double re = spectrum[2 * k];
      double im = spectrum[2 * k + 1];
      own[k] = re * re + im * im;
      sum[k] += own[k];
    }
    return own;
  }

  private static void addCross(double[] sum, double[] a, double[] b) {
    for (int k = 0; k < sum.length; k += 2) {
      sum[k] += a[k] * b[k] + a[k + 1] * b[k + 1];
      sum[k + 1] += a[k + 1] * b[k] - a[k] * b[k + 1];
    }
  }

  /** Amplitude spectral density of the raw strain, 1/sqrt(Hz). */
  double[] rawAsd() {
    return asd(raw);
  }

  double[] cleanAsd() {
    return asd(clean);
  }

  private double[] asd(List<double[]> powers) {
    double scale = 0;
    for (double w : window) {
      scale += w * w;
    }
    double[] density = new double[fft.bins()];
    double[] bin = new double[powers.size()];
    for (int k = 0; k < density.length; k++) {
      for (int s = 0; s < bin.length; s++) {
        bin[s] = powers.get(s)[k];
      }
      Arrays.sort(bin);
      int middle = bin.length / 2;
      double median = bin.length % 2 == 1 ? bin[middle] : (bin[middle - 1] + bin[middle]) / 2;
      density[k] = Math.sqrt(2 * median / (scale * rateHz) / bias(bin.length));
    }
    return density;
  }

  /** Expected median over mean of exponentially distributed powers; see {@code Welch}. */
  private static double bias(int segments) {
    double bias = 1;
    for (int n = 1; n <= (segments - 1) / 2; n++) {
      bias += 1.0 / (2 * n + 1) - 1.0 / (2 * n);
    }
    return bias;
  }

  /**
   * Magnitude-squared coherence with a witness, from 0 to 1.
   *
   * @param ofCleaned of the cleaned strain rather than the raw
   */
  double[] coherence(int witness, boolean ofCleaned) {
    double[] sum = cross[witness][ofCleaned ? 1 : 0];
    double[] strain = power[ofCleaned ? 1 : 0];
    double[] coherence = new double[strain.length];
    for (int k = 0; k < coherence.length; k++) {
      double product = strain[k] * power[2 + witness][k];
      double re = sum[2 * k];
      double im = sum[2 * k + 1];
      coherence[k] = product > 0 ? (re * re + im * im) / product : 0;
    }
    return coherence;
  }

  /** Length of segments that leaves enough of them in so many seconds of data. */
  static int segmentSeconds(double seconds) {
    return seconds >= 20 ? 8 : seconds >= 12 ? 4 : 1;
  }
}
