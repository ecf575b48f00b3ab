package org.etalon.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.signal.Butterworth;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.signal.InverseSpectrumWhitening;
import org.etalon.strain.signal.Psd;
import org.etalon.strain.signal.QGram;
import org.etalon.strain.signal.QTransform;
import org.etalon.strain.signal.QTransformSettings;
import org.etalon.strain.signal.Resampling;
import org.etalon.strain.signal.SecondOrderSections;
import org.etalon.strain.signal.Welch;
import org.etalon.strain.signal.WhiteningSettings;

/**
 * What is done with strain before a network sees it, one step at a time on one thread. {@code
 * benchmarks/science.py} does the same with NumPy and SciPy, and asks for a step by a line with its
 * name and how often; the answer is the least time of one in microseconds and a number that both
 * must agree on.
 */
final class SciencePath {
  /** Strain squared is near the smallest numbers there are: scaled, exactly. */
  private static final double SCALE = 0x1p66;

  private static final int Q_RATE_HZ = 2048;
  private static final int Q_SECONDS = 4;

  /** Tells of every file that it opens; kept here, since levels are weakly held. */
  private static final Logger LOUD = Logger.getLogger("io.jhdf");

  private final Map<String, Step> steps = new LinkedHashMap<>();

  /** Something to be timed; gives a number that depends on all of its result. */
  private interface Step {
    double run() throws IOException;
  }

  private SciencePath(Path hdf5, Path gwf, String channel) throws IOException {
    double[] strain;
    double rateHz;
    try (StrainFile file = StrainFile.open(hdf5)) {
      TimeSeries series = file.readSeries(file.strainChannel());
      rateHz = series.sampleRateHz();
      strain = series.samples().clone();
    }
    for (int i = 0; i < strain.length; i++) {
      strain[i] *= SCALE;
    }
    double[] half = Resampling.polyphase(strain, 1, 2);
    steps.put("read HDF5", () -> read(hdf5, "strain/Strain"));
    steps.put("read GWF", () -> read(gwf, channel));
    steps.put("resample", () -> norm(Resampling.polyphase(strain, 1, 2)));
    Welch welch = Welch.of(rateHz / 2, 2, Welch.Average.MEDIAN);
    steps.put("PSD, median", () -> norm(welch.estimate(half).values()));
    Welch mean = Welch.of(rateHz / 2, 2, Welch.Average.MEAN);
    steps.put("PSD, mean", () -> norm(mean.estimate(half).values()));
    Psd psd = welch.estimate(half);
    WhiteningSettings settings = new WhiteningSettings(rateHz / 2, 1, 20);
    Fft fft = Fft.ofSize(half.length);
    steps.put("whiten", () -> norm(InverseSpectrumWhitening.of(psd, fft, settings).whiten(half)));
    SecondOrderSections band = Butterworth.bandpass(4, 35, 350, rateHz / 2);
    steps.put("band-pass both ways", () -> norm(band.filterBothWays(half)));
    steps.put("FFT", () -> norm(fft.forward(half)));
    double[] white = InverseSpectrumWhitening.of(psd, fft, settings).whiten(half);
    double[] piece = Arrays.copyOf(white, Q_RATE_HZ * Q_SECONDS);
    QTransform q =
        QTransform.of(QTransformSettings.of(Q_RATE_HZ, piece.length).withFrequencies(20, 500));
    steps.put("Q transform", () -> energy(q.transform(piece)));
  }

  private static double read(Path path, String channel) throws IOException {
    try (StrainFile file = StrainFile.open(path)) {
      double sum = 0;
      for (double sample : file.readSeries(channel).samples()) {
        sum += Math.abs(sample);
      }
      return sum * SCALE;
    }
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  private static double energy(QGram gram) {
    double sum = 0;
    for (int row = 0; row < gram.rows(); row++) {
      for (double energy : gram.energies(row)) {
        sum += energy;
      }
    }
    return sum;
  }

  /** Arguments: an HDF5 file of public strain, a frame file and its channel. */
  public static void main(String[] arguments) throws IOException {
    LOUD.setLevel(Level.WARNING);
    SciencePath path = new SciencePath(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
    System.out.println(String.join(";", path.steps.keySet()));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(";");
      path.answer(words[0], Integer.parseInt(words[1]));
    }
  }

  private void answer(String name, int times) throws IOException {
    Step step = steps.getOrDefault(name, () -> Double.NaN);
    long best = Long.MAX_VALUE;
    double result = 0;
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      result = step.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    System.out.printf(Locale.ROOT, "%.1f;%.12e%n", best / 1e3, result);
  }
}
