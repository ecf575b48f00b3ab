package org.etalon.analysis.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.signal.Psd;
import org.etalon.strain.signal.Welch;
import org.etalon.strain.source.FileEntry;

/** A one-sided power spectral density, in 1/Hz, at any frequency in hertz. */
@FunctionalInterface
public interface NoiseCurve {
  double at(double frequencyHz);

  /**
   * The design of Advanced LIGO: Sathyaprakash and Schutz 2009, <a
   * href="https://arxiv.org/abs/0903.0338">arXiv:0903.0338</a>, table 1. Constant below 10 Hz.
   */
  static NoiseCurve advancedLigo() {
    return frequencyHz -> {
      double x = Math.max(frequencyHz, 10) / 215;
      double x2 = x * x;
      double shape = Math.pow(x, -4.14) - 5 / x2 + 111 * (1 - x2 + x2 * x2 / 2) / (1 + x2 / 2);
      return Math.max(1e-49 * shape, 1e-49);
    };
  }

  /**
   * The curve of a file: the median spectrum of a strain file's strain in segments of 4 s, or a
   * text file with a frequency in hertz and an amplitude spectral density in 1/sqrt(Hz) on each
   * line.
   *
   * @param ifo whose strain, as in {@code H1}
   * @throws IOException if the file cannot be read; gives the line
   */
  static NoiseCurve of(Path path, String ifo) throws IOException {
    if (!FileEntry.isStrainName(path)) {
      return ofText(path);
    }
    try (StrainFile file = StrainFile.open(path)) {
      TimeSeries strain = file.readSeries(file.strainChannel(ifo));
      // Strain squared is near the smallest numbers there are: scaled by a power of two, exactly.
      double[] scaled = strain.samples().clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= 0x1p66;
      }
      Psd psd = Welch.of(strain.sampleRateHz(), 4, Welch.Average.MEDIAN).estimate(scaled);
      double[] values = psd.values();
      return frequencyHz -> {
        double position = Math.min(frequencyHz / psd.frequencyStepHz(), values.length - 1);
        int below = Math.min((int) position, values.length - 2);
        double fraction = position - below;
        return (values[below] + fraction * (values[below + 1] - values[below])) * 0x1p-132;
      };
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static NoiseCurve ofText(Path path) throws IOException {
    List<String> lines = Files.readAllLines(path);
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      String[] words = line.split("[\\s,]+");
      double[] point = point(words);
      boolean isNext = points.isEmpty() || (point.length > 0 && point[0] > points.getLast()[0]);
      if (point.length == 0 || !isNext) {
        throw new IOException(
            "%s: line %d: '%s' (expected: a frequency above the one before and an amplitude spectral density, both above 0)"
                .formatted(path, i + 1, line));
      }
      points.add(point);
    }
    if (points.size() < 2) {
      throw new IOException("%s: %d points (expected: at least 2)".formatted(path, points.size()));
    }
    return new TabulatedCurve(points);
  }

  /** Empty if the words are no point of a curve. */
  private static double[] point(String[] words) {
    try {
      double frequency = Double.parseDouble(words[0]);
      double density = words.length == 2 ? Double.parseDouble(words[1]) : 0;
      boolean isPoint = frequency > 0 && density > 0 && density < 1 && frequency < 1e9;
      return isPoint ? new double[] {frequency, density} : new double[0];
    } catch (NumberFormatException _) {
      return new double[0];
    }
  }
}
