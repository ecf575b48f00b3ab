package org.etalon.strain;

/**
 * TAI - UTC, in seconds, as frames store it (IERS Bulletin C; none was announced after the last
 * here).
 */
public final class LeapSeconds {
  private static final int AT_GPS_ZERO = 19;

  /** The GPS second at which each leap second had passed. */
  private static final long[] PASSED = {
    46828800,
    78364801,
    109900802,
    173059203,
    252028804,
    315187205,
    346723206,
    393984007,
    425520008,
    457056009,
    504489610,
    551750411,
    599184012,
    820108813,
    914803214,
    1025136015,
    1119744016,
    1167264017
  };

  private LeapSeconds() {}

  /** TAI - UTC at an instant: 19 s at GPS zero, 37 s today. */
  public static int at(long gpsNs) {
    int count = AT_GPS_ZERO;
    for (long second : PASSED) {
      count += gpsNs >= GpsTime.ofSeconds(second) ? 1 : 0;
    }
    return count;
  }
}
