package org.etalon.strain.signal;

import java.util.ArrayList;
import java.util.List;

/**
 * The Q transform: how much energy a whitened series has at each time and frequency, with the
 * resolution of the quality factor that shows the loudest burst best.
 *
 * <p>Tiles and energies are those of gwpy's {@code TimeSeries.q_transform(..., norm="median")},
 * whose bi-square windows and tiling come from Chatterji et al., <a
 * href="https://arxiv.org/abs/gr-qc/0412119">Multiresolution techniques for the detection of
 * gravitational-wave bursts</a> (2004). A row's energies are divided by their median, so stationary
 * noise is near one everywhere.
 *
 * <p>Immutable; made for one length and rate, and worth keeping.
 */
public final class QTransform {
  private final List<QPlane> planes;
  private final Fft fft;

  private QTransform(List<QPlane> planes, Fft fft) {
    this.planes = planes;
    this.fft = fft;
  }

  /** The transform with planes at quality factors evenly spaced in their logarithm. */
  public static QTransform of(QTransformSettings settings) {
    double distance = Math.log(settings.maxQ() / settings.minQ()) / Math.sqrt(2);
    int count = (int) Math.max(1, Math.ceil(distance / settings.tileDistance()));
    var planes = new ArrayList<QPlane>();
    for (int i = 0; i < count; i++) {
      double q = settings.minQ() * Math.exp(Math.sqrt(2) * distance / count * (i + 0.5));
      planes.add(new QPlane(q, settings));
    }
    return new QTransform(List.copyOf(planes), Fft.ofSize(settings.size()));
  }

  /**
   * The plane that has the loudest tile.
   *
   * @param series whitened, of the settings' size
   * @throws IllegalArgumentException if a sample is not finite, or the series is zero at some
   *     frequencies
   */
  public QGram transform(double[] series) {
    return transform(series, 0, Double.POSITIVE_INFINITY);
  }

  /**
   * The plane that has the loudest tile between two times.
   *
   * @param series whitened, of the settings' size
   * @param startSeconds from the series' start
   * @param endSeconds from the series' start, exclusive
   */
  public QGram transform(double[] series, double startSeconds, double endSeconds) {
    if (!(startSeconds < endSeconds)) {
      throw new IllegalArgumentException(
          "startSeconds: " + startSeconds + " (expected: below endSeconds=" + endSeconds + ")");
    }
    double[] spectrum = spectrum(series);
    QGram loudest = planes.getFirst().transform(spectrum);
    double most = loudest.peak(startSeconds, endSeconds).energy();
    for (QPlane plane : planes.subList(1, planes.size())) {
      QGram gram = plane.transform(spectrum);
      double energy = gram.peak(startSeconds, endSeconds).energy();
      if (energy > most) {
        loudest = gram;
        most = energy;
      }
    }
    return loudest;
  }

  /** One-sided amplitudes, as {@link QRow#energies} takes them. */
  double[] spectrum(double[] series) {
    Series.requireFinite(series);
    double[] spectrum = fft.forward(series);
    for (int i = 0; i < spectrum.length; i++) {
      spectrum[i] *= (i < 2 ? 1.0 : 2.0) / series.length;
    }
    return spectrum;
  }
}
