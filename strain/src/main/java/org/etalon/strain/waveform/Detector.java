package org.etalon.strain.waveform;

import java.util.Arrays;
import org.etalon.strain.GpsTime;
import org.etalon.strain.LeapSeconds;

/**
 * A detector on Earth: where it is, and how its arms lie. Metres and unit vectors in the
 * Earth-fixed frame WGS-84.
 *
 * @see <a href="https://dcc.ligo.org/LIGO-T980044/public">LIGO-T980044: locations and arms of H1
 *     and L1</a>
 */
public enum Detector {
  H1(
      new double[] {-2161414.92636, -3834695.17889, 4600350.22664},
      new double[] {-0.22389266154, 0.79983062746, 0.55690487831},
      new double[] {-0.91397818574, 0.02609403989, -0.40492342125}),
  L1(
      new double[] {-74276.0447238, -5496283.71971, 3224257.01744},
      new double[] {-0.95457412153, -0.14158077340, -0.26218911324},
      new double[] {0.29774156894, -0.48791033647, -0.82054461286}),
  V1(
      new double[] {4546374.0990, 842989.697626, 4378576.96241},
      new double[] {-0.70045821479, 0.20848948619, 0.68256166277},
      new double[] {-0.05379255368, -0.96908180549, 0.24080451708}),
  K1(
      new double[] {-3777336.024, 3484898.411, 3765313.697},
      new double[] {-0.3759040, -0.8361583, 0.3994189},
      new double[] {0.7164378, 0.01114076, 0.6975620});

  private static final double LIGHT = 299792458.0;

  /** GPS seconds and TAI - UTC at 2000-01-01 12:00 UTC, which is close enough to UT1. */
  private static final double J2000_GPS = 630763213.0;

  private static final int J2000_TAI = 32;

  @SuppressWarnings("ImmutableEnumChecker") // an array that nothing changes
  private final double[] place;

  @SuppressWarnings("ImmutableEnumChecker") // an array that nothing changes
  private final double[][] response = new double[3][3];

  Detector(double[] place, double[] x, double[] y) {
    this.place = place;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        response[i][j] = 0.5 * (x[i] * x[j] - y[i] * y[j]);
      }
    }
  }

  /**
   * The detector of a name.
   *
   * @throws IllegalArgumentException if there is none; lists them
   */
  public static Detector named(String ifo) {
    return Arrays.stream(values())
        .filter(each -> each.name().equals(ifo))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "detector: '%s' (expected one of: %s)".formatted(ifo, Arrays.toString(values()))));
  }

  /**
   * How much of each polarisation the detector sees (Anderson et al. 2001, arXiv:gr-qc/0008066,
   * equations B4 to B8).
   *
   * @return plus and cross
   */
  public double[] antenna(SkyPosition source, long gpsNs) {
    double hour = siderealTime(gpsNs) - source.rightAscension();
    double cosPsi = Math.cos(source.polarisation());
    double sinPsi = Math.sin(source.polarisation());
    double sinDec = Math.sin(source.declination());
    double cosDec = Math.cos(source.declination());
    double sinHour = Math.sin(hour);
    double cosHour = Math.cos(hour);
    double[] x = {
      -cosPsi * sinHour - sinPsi * cosHour * sinDec,
      -cosPsi * cosHour + sinPsi * sinHour * sinDec,
      sinPsi * cosDec
    };
    double[] y = {
      sinPsi * sinHour - cosPsi * cosHour * sinDec,
      sinPsi * cosHour + cosPsi * sinHour * sinDec,
      cosPsi * cosDec
    };
    double plus = 0;
    double cross = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        plus += response[i][j] * (x[i] * x[j] - y[i] * y[j]);
        cross += response[i][j] * (x[i] * y[j] + y[i] * x[j]);
      }
    }
    return new double[] {plus, cross};
  }

  /** By how many seconds a wave comes later than at Earth's centre; negative: earlier. */
  public double delaySeconds(SkyPosition source, long gpsNs) {
    double hour = siderealTime(gpsNs) - source.rightAscension();
    double cosDec = Math.cos(source.declination());
    double along =
        place[0] * cosDec * Math.cos(hour)
            - place[1] * cosDec * Math.sin(hour)
            + place[2] * Math.sin(source.declination());
    return -along / LIGHT;
  }

  /**
   * Greenwich mean sidereal time, in radians: Aoki et al. 1982 (the definition of UT1), with UTC
   * for UT1, which is off by 0.9 s at most.
   */
  static double siderealTime(long gpsNs) {
    double utcSeconds = GpsTime.toSeconds(gpsNs) - J2000_GPS - (LeapSeconds.at(gpsNs) - J2000_TAI);
    double days = utcSeconds / 86400;
    double centuries = days / 36525;
    double seconds =
        67310.54841
            + 8640184.812866 * centuries
            + 0.093104 * centuries * centuries
            - 6.2e-6 * centuries * centuries * centuries;
    double turns = (seconds / 86400) % 1 + days % 1;
    return 2 * Math.PI * (turns - Math.floor(turns));
  }
}
