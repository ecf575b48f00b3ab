package org.etalon.analysis.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a {@link Plot}.
 *
 * @param label with its unit
 * @param min at the left or the bottom
 * @param max at the right or the top
 * @param isLogarithmic whether decades, not differences, are of equal length
 */
public record Axis(String label, double min, double max, boolean isLogarithmic) {
  /** A place on the axis and what is written there. */
  record Tick(double value, String text) {}

  public Axis {
    boolean isUsable = Double.isFinite(min) && Double.isFinite(max) && min < max;
    if (!isUsable || (isLogarithmic && min <= 0)) {
      throw new IllegalArgumentException(
          "%s: %s to %s (expected: ascending%s)"
              .formatted(label, min, max, isLogarithmic ? ", positive" : ""));
    }
  }

  public static Axis linear(String label, double min, double max) {
    return new Axis(label, min, max, false);
  }

  /** Reaches a little beyond the values, so that no line runs along the frame. */
  public static Axis around(String label, double lowest, double highest) {
    double span = highest > lowest ? highest - lowest : 1;
    return linear(label, lowest - 0.06 * span, highest + 0.06 * span);
  }

  public static Axis logarithmic(String label, double min, double max) {
    return new Axis(label, min, max, true);
  }

  /** 0 at {@link #min} and 1 at {@link #max}; values outside are not held back. */
  double position(double value) {
    return isLogarithmic
        ? Math.log(value / min) / Math.log(max / min)
        : (value - min) / (max - min);
  }

  /** The value at a position between 0 and 1. */
  double value(double position) {
    return isLogarithmic ? min * Math.pow(max / min, position) : min + position * (max - min);
  }

  /** At most about {@code most} round values. */
  List<Tick> ticks(int most) {
    return isLogarithmic ? logarithmicTicks(most) : linearTicks(most);
  }

  private List<Tick> linearTicks(int most) {
    double rough = (max - min) / most;
    double decade = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = 10 * decade;
    for (double nice : new double[] {1, 2, 5}) {
      if (nice * decade >= rough) {
        step = nice * decade;
        break;
      }
    }
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    List<Tick> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(min / step - 1e-9); k * step <= max + 1e-9 * step; k++) {
      String text = String.format(Locale.ROOT, "%." + decimals + "f", k * step);
      ticks.add(new Tick(k * step, text.replace('-', '\u2212')));
    }
    return ticks;
  }

  private List<Tick> logarithmicTicks(int most) {
    int from = (int) Math.ceil(Math.log10(min) - 1e-9);
    int to = (int) Math.floor(Math.log10(max) + 1e-9);
    List<Tick> ticks = new ArrayList<>();
    if (to - from >= 2) {
      int every = Math.ceilDiv(to - from, most);
      for (int decade = from; decade <= to; decade += every) {
        ticks.add(new Tick(Math.pow(10, decade), "10" + superscript(decade)));
      }
      return ticks;
    }
    for (int decade = from - 1; decade <= to; decade++) {
      for (int digit : new int[] {1, 2, 5}) {
        double value = digit * Math.pow(10, decade);
        if (value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9)) {
          boolean isShort = value >= 1e-4 && value < 1e6;
          String power = (digit == 1 ? "" : digit + "\u00d7") + "10" + superscript(decade);
          ticks.add(new Tick(value, isShort ? plain(value) : power));
        }
      }
    }
    return ticks;
  }

  private static String plain(double value) {
    return java.math.BigDecimal.valueOf(value)
        .round(new java.math.MathContext(3))
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String superscript(int exponent) {
    var text = new StringBuilder();
    for (char c : Integer.toString(exponent).toCharArray()) {
      text.append(
          switch (c) {
            case '-' -> '\u207b';
            case '1' -> '\u00b9';
            case '2' -> '\u00b2';
            case '3' -> '\u00b3';
            default -> (char) ('\u2070' + (c - '0'));
          });
    }
    return text.toString();
  }
}
