package org.etalon.strain.signal;

/**
 * The energies of one plane's tiles, each over the median of its row. Immutable; made by {@link
 * QTransform}.
 *
 * <p>Rows have different numbers of tiles: those of higher frequencies are shorter in time.
 */
public final class QGram {
  /**
   * The tile with the most energy.
   *
   * @param timeSeconds its start, from the series' start
   * @param frequencyHz its central frequency
   * @param energy over the median of its row; the signal-to-noise ratio of gwpy is {@code sqrt(2 *
   *     energy)}
   */
  public record Peak(double timeSeconds, double frequencyHz, double energy) {}

  private final double q;
  private final double durationSeconds;
  private final double[] frequencies;
  private final double[][] energies;

  QGram(double q, double durationSeconds, double[] frequencies, double[][] energies) {
    this.q = q;
    this.durationSeconds = durationSeconds;
    this.frequencies = frequencies;
    this.energies = energies;
  }

  /** The quality factor: central frequency over bandwidth. */
  public double q() {
    return q;
  }

  /** Number of rows. */
  public int rows() {
    return frequencies.length;
  }

  /** Central frequency of a row, in hertz; ascending. */
  public double frequencyHz(int row) {
    return frequencies[row];
  }

  /** Energies of a row's tiles, which divide the series' time evenly. */
  public double[] energies(int row) {
    return energies[row].clone();
  }

  /** The loudest tile. */
  public Peak peak() {
    return peak(0, durationSeconds);
  }

  /**
   * The loudest tile that starts within a span.
   *
   * @throws IllegalArgumentException if none does
   */
  public Peak peak(double startSeconds, double endSeconds) {
    var peak = new Peak(0, 0, Double.NEGATIVE_INFINITY);
    for (int r = 0; r < energies.length; r++) {
      double step = durationSeconds / energies[r].length;
      int first = (int) Math.max(0, Math.ceil(startSeconds / step));
      int end = (int) Math.min(energies[r].length, Math.ceil(endSeconds / step));
      for (int i = first; i < end; i++) {
        if (energies[r][i] > peak.energy()) {
          peak = new Peak(i * step, frequencies[r], energies[r][i]);
        }
      }
    }
    if (peak.energy() == Double.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException(
          "no tile starts from %s s to %s s".formatted(startSeconds, endSeconds));
    }
    return peak;
  }

  /**
   * The energies on a regular grid, by cubic splines along time and then along frequency, as gwpy
   * draws them; they may dip below zero beside a loud tile.
   *
   * @param grid times and frequencies
   * @return shape {@code (grid.times(), grid.frequencies())}
   */
  public double[][] image(QGrid grid) {
    double[][] rows = new double[energies.length][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = alongTime(energies[r], grid);
    }
    var spline = new CubicSpline(frequencies);
    double[][] image = new double[grid.times()][grid.frequencies()];
    double[] column = new double[rows.length];
    for (int t = 0; t < image.length; t++) {
      for (int r = 0; r < rows.length; r++) {
        column[r] = rows[r][t];
      }
      spline.fit(column);
      for (int f = 0; f < image[t].length; f++) {
        // Constant beyond the outermost rows, where a cubic would run away.
        double frequency = grid.startHz() + f * grid.stepHz();
        image[t][f] =
            spline.at(Math.clamp(frequency, frequencies[0], frequencies[frequencies.length - 1]));
      }
    }
    return image;
  }

  private double[] alongTime(double[] row, QGrid grid) {
    CubicSpline spline = CubicSpline.uniform(row.length, durationSeconds / row.length);
    spline.fit(row);
    double[] result = new double[grid.times()];
    for (int t = 0; t < result.length; t++) {
      result[t] = spline.at(grid.startSeconds() + t * grid.stepSeconds());
    }
    return result;
  }
}
