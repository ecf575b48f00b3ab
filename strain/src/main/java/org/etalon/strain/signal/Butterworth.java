package org.etalon.strain.signal;

import java.util.ArrayList;
import java.util.List;

/**
 * Designs Butterworth filters: as flat as can be in the passband, -3 dB at the corners. Equals
 * {@code scipy.signal.butter(order, ..., output="sos")}, order of sections included.
 *
 * @see <a
 *     href="https://docs.scipy.org/doc/scipy/reference/generated/scipy.signal.butter.html">scipy.signal.butter</a>
 */
public final class Butterworth {
  private static final int MAX_ORDER = 24;

  private Butterworth() {}

  /**
   * Passes what is below the corner.
   *
   * @throws IllegalArgumentException if the order is not from 1 to 24 or the corner not between 0
   *     and Nyquist
   */
  public static SecondOrderSections lowpass(int order, double cornerHz, double sampleRateHz) {
    return digital(prototype(order).toLowpass(warped(cornerHz, sampleRateHz)));
  }

  /** Passes what is above the corner; arguments as for {@link #lowpass}. */
  public static SecondOrderSections highpass(int order, double cornerHz, double sampleRateHz) {
    return digital(prototype(order).toHighpass(warped(cornerHz, sampleRateHz)));
  }

  /**
   * Passes what is between the corners, with {@code order} sections.
   *
   * @throws IllegalArgumentException as for {@link #lowpass}, or if the corners are not ascending
   */
  public static SecondOrderSections bandpass(
      int order, double lowHz, double highHz, double sampleRateHz) {
    double low = warped(lowHz, sampleRateHz);
    double high = warped(highHz, sampleRateHz);
    requireAscending(lowHz, highHz);
    return digital(prototype(order).toBandpass(Math.sqrt(low * high), high - low));
  }

  /** Passes what is outside the corners; arguments as for {@link #bandpass}. */
  public static SecondOrderSections bandstop(
      int order, double lowHz, double highHz, double sampleRateHz) {
    double low = warped(lowHz, sampleRateHz);
    double high = warped(highHz, sampleRateHz);
    requireAscending(lowHz, highHz);
    return digital(prototype(order).toBandstop(Math.sqrt(low * high), high - low));
  }

  /**
   * A Chebyshev filter of type I: steeper, with ripple in the passband. Equals {@code
   * scipy.signal.cheby1(order, rippleDb, ..., output="sos")}; {@link Resampling#decimate} filters
   * with it.
   */
  static SecondOrderSections chebyshevLowpass(
      int order, double rippleDb, double cornerHz, double sampleRateHz) {
    double epsilon = Math.sqrt(Math.pow(10, 0.1 * rippleDb) - 1);
    double mu = asinh(1 / epsilon) / order;
    var poles = new ArrayList<Complex>();
    Complex gain = Complex.ONE;
    for (int m = -order + 1; m < order; m += 2) {
      double theta = Math.PI * m / (2 * order);
      var pole = new Complex(-Math.sinh(mu) * Math.cos(theta), -Math.cosh(mu) * Math.sin(theta));
      poles.add(pole);
      gain = gain.times(pole.negated());
    }
    double ripple = order % 2 == 0 ? Math.sqrt(1 + epsilon * epsilon) : 1;
    var prototype = new ZeroPoleGain(List.of(), poles, gain.re() / ripple);
    return digital(prototype.toLowpass(warped(cornerHz, sampleRateHz)));
  }

  private static ZeroPoleGain prototype(int order) {
    if (order < 1 || order > MAX_ORDER) {
      throw new IllegalArgumentException(
          "order: " + order + " (expected: from 1 to " + MAX_ORDER + ")");
    }
    var poles = new ArrayList<Complex>();
    for (int m = -order + 1; m < order; m += 2) {
      double theta = Math.PI * m / (2 * order);
      // The middle one of an odd order is exactly -1, without a cosine's rounding.
      poles.add(m == 0 ? Complex.real(-1) : new Complex(-Math.cos(theta), -Math.sin(theta)));
    }
    return new ZeroPoleGain(List.of(), poles, 1);
  }

  /**
   * The analog corner in rad/s that the bilinear transformation at two samples a second brings to
   * {@code cornerHz}.
   */
  private static double warped(double cornerHz, double sampleRateHz) {
    Series.requireRate(sampleRateHz);
    if (!(cornerHz > 0 && cornerHz < sampleRateHz / 2)) {
      throw new IllegalArgumentException(
          "corner: %s Hz (expected: above 0 and below %s)".formatted(cornerHz, sampleRateHz / 2));
    }
    return 4 * Math.tan(Math.PI * (2 * cornerHz / sampleRateHz) / 2);
  }

  private static SecondOrderSections digital(ZeroPoleGain analog) {
    return SectionPairing.sections(analog.bilinear(4));
  }

  private static void requireAscending(double lowHz, double highHz) {
    if (lowHz >= highHz) {
      throw new IllegalArgumentException(
          "lowHz: " + lowHz + " (expected: below highHz=" + highHz + ")");
    }
  }

  private static double asinh(double x) {
    return Math.log(x + Math.sqrt(x * x + 1));
  }
}
