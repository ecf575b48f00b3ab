package org.etalon.analysis.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture with two axes, as SVG: sharp at any size and in print, with text in the reader's own
 * font, so that nothing depends on what fonts the machine has that makes it.
 *
 * <p>Add what it shows, in the order it is drawn, then ask for {@link #svg}. Owned by one thread.
 */
public final class Plot {
  private static final int LEFT = 76;
  private static final int TOP = 30;
  private static final int BOTTOM = 48;
  private static final int PLAIN_RIGHT = 18;
  private static final int COLOUR_BAR_RIGHT = 88;
  private static final int SHADES = 64;

  private final int width;
  private final int height;
  private final Axis x;
  private final Axis y;
  private final StringBuilder drawn = new StringBuilder();
  private final StringBuilder outside = new StringBuilder();
  private final List<String> keys = new ArrayList<>();
  private int right = PLAIN_RIGHT;
  private double keysWidth;

  /** An empty picture of so many pixels, at the size it is made for. */
  public Plot(int width, int height, Axis x, Axis y) {
    this.width = width;
    this.height = height;
    this.x = x;
    this.y = y;
  }

  /** A line through points in ascending order; of many only what can be seen is kept. */
  public Plot line(String label, String colour, double[] xs, double[] ys) {
    key(label, "<path d=\"M0 -4h18\" stroke=\"%s\" stroke-width=\"2\"/>".formatted(colour));
    return lineWithoutKey(colour, xs, ys);
  }

  /** As {@link #line}, for the further pieces of a line with gaps. */
  public Plot lineWithoutKey(String colour, double[] xs, double[] ys) {
    var path = new StringBuilder();
    if (xs.length <= 4 * plotWidth()) {
      for (int i = 0; i < xs.length; i++) {
        path.append(path.isEmpty() ? 'M' : 'L').append(point(xs[i], ys[i]));
      }
    } else {
      envelope(path, xs, ys);
    }
    return path(path, colour);
  }

  /** A line that keeps its value until the next point, where it jumps. */
  public Plot steps(String label, String colour, double[] xs, double[] ys) {
    key(label, "<path d=\"M0 -4h18\" stroke=\"%s\" stroke-width=\"2\"/>".formatted(colour));
    var path = new StringBuilder();
    for (int i = 0; i < xs.length; i++) {
      if (i > 0) {
        path.append('L').append(point(xs[i], ys[i - 1]));
      }
      path.append(i == 0 ? 'M' : 'L').append(point(xs[i], ys[i]));
    }
    return path(path, colour);
  }

  /** Dots. */
  public Plot points(String label, String colour, double[] xs, double[] ys) {
    String dot = "<circle cx=\"%s\" cy=\"%s\" r=\"4\" fill=\"%s\" stroke=\"#fff\"/>";
    key(label, dot.formatted("9", "-4", colour));
    for (int i = 0; i < xs.length; i++) {
      drawn.append(dot.formatted(number(pixelX(xs[i])), number(pixelY(ys[i])), colour));
    }
    return this;
  }

  /** A dashed line across the picture at one height. */
  public Plot level(String label, String colour, double value) {
    String style = "stroke=\"%s\" stroke-dasharray=\"5 4\" fill=\"none\"".formatted(colour);
    key(label, "<path d=\"M0 -4h18\" %s/>".formatted(style));
    drawn.append(
        "<path d=\"M%d %sH%d\" %s/>"
            .formatted(LEFT, number(pixelY(value)), width - PLAIN_RIGHT, style));
    return this;
  }

  /** A dashed line from bottom to top at one place. */
  public Plot mark(String colour, double value) {
    drawn.append(
        "<path d=\"M%s %dV%d\" stroke=\"%s\" stroke-dasharray=\"3 3\" fill=\"none\"/>"
            .formatted(number(pixelX(value)), TOP, height - BOTTOM, colour));
    return this;
  }

  /**
   * Fills the picture with colours and adds a bar that explains them. To be drawn first.
   *
   * @param values shape {@code (columns, rows)}, evenly spaced along the axes, logarithmic ones too
   * @param scale of the colours, from 0
   */
  public Plot colours(double[][] values, Axis scale) {
    right = COLOUR_BAR_RIGHT;
    drawn.append(
        "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" preserveAspectRatio=\"none\" href=\"%s\"/>"
            .formatted(LEFT, TOP, plotWidth(), plotHeight(), HeatMap.dataUri(values, scale.max())));
    colourBar(scale);
    return this;
  }

  /** Writes a title where the legend would be. */
  public Plot title(String text) {
    key(text, "");
    return this;
  }

  /** The picture, as an element to stand in a page. */
  public String svg() {
    var svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\">"
            .formatted(width, height));
    svg.append("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>".formatted(width, height));
    String clip = "c" + Integer.toHexString(drawn.toString().hashCode());
    svg.append(
        "<clipPath id=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>"
            .formatted(clip, LEFT, TOP, plotWidth(), plotHeight()));
    grid(svg);
    svg.append("<g clip-path=\"url(#%s)\">".formatted(clip)).append(drawn).append("</g>");
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#444\"/>"
            .formatted(LEFT, TOP, plotWidth(), plotHeight()));
    svg.append(outside);
    labels(svg);
    keys.forEach(svg::append);
    return svg.append("</svg>").toString();
  }

  private Plot path(StringBuilder path, String colour) {
    drawn.append(
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\" stroke-linejoin=\"round\"/>"
            .formatted(path, colour));
    return this;
  }

  /** The lowest and the highest point of each column of pixels. */
  private void envelope(StringBuilder path, double[] xs, double[] ys) {
    for (int from = 0, to; from < xs.length; from = to) {
      double column = Math.floor(pixelX(xs[from]));
      int lowest = from;
      int highest = from;
      for (to = from; to < xs.length && Math.floor(pixelX(xs[to])) == column; to++) {
        lowest = ys[to] < ys[lowest] ? to : lowest;
        highest = ys[to] > ys[highest] ? to : highest;
      }
      int first = Math.min(lowest, highest);
      int second = Math.max(lowest, highest);
      path.append(from == 0 ? 'M' : 'L').append(point(xs[first], ys[first]));
      if (second > first) {
        path.append('L').append(point(xs[second], ys[second]));
      }
    }
  }

  private void grid(StringBuilder svg) {
    for (Axis.Tick tick : x.ticks(8)) {
      String at = number(pixelX(tick.value()));
      svg.append(
          "<path d=\"M%s %dV%d\" stroke=\"#e6e6e6\"/><text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>"
              .formatted(at, TOP, height - BOTTOM, at, height - BOTTOM + 18, tick.text()));
    }
    for (Axis.Tick tick : y.ticks(Math.max(4, plotHeight() / 40))) {
      double at = pixelY(tick.value());
      svg.append(
          "<path d=\"M%d %sH%d\" stroke=\"#e6e6e6\"/><text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>"
              .formatted(LEFT, number(at), width - right, LEFT - 7, number(at + 4.5), tick.text()));
    }
  }

  private void labels(StringBuilder svg) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
            .formatted(LEFT + plotWidth() / 2, height - 10, HtmlPage.escape(x.label())));
    svg.append(verticalText(16, y.label()));
  }

  private String verticalText(int at, String text) {
    return "<text transform=\"translate(%d %d) rotate(-90)\" text-anchor=\"middle\">%s</text>"
        .formatted(at, TOP + plotHeight() / 2, HtmlPage.escape(text));
  }

  private void colourBar(Axis scale) {
    int left = width - COLOUR_BAR_RIGHT + 14;
    double step = (double) plotHeight() / SHADES;
    for (int i = 0; i < SHADES; i++) {
      outside.append(
          "<rect x=\"%d\" y=\"%s\" width=\"14\" height=\"%s\" fill=\"#%06x\"/>"
              .formatted(
                  left,
                  number(height - BOTTOM - (i + 1) * step),
                  number(step + 0.5),
                  HeatMap.colour((i + 0.5) / SHADES)));
    }
    for (Axis.Tick tick : scale.ticks(4)) {
      double at = height - BOTTOM - scale.position(tick.value()) * plotHeight();
      outside.append(
          "<text x=\"%d\" y=\"%s\">%s</text>".formatted(left + 19, number(at + 4.5), tick.text()));
    }
    outside.append(verticalText(width - 6, scale.label()));
  }

  /** Above the frame, from left to right; the width of text is guessed. */
  private void key(String label, String symbol) {
    keys.add(
        "<g transform=\"translate(%s %d)\">%s<text x=\"%d\">%s</text></g>"
            .formatted(
                number(LEFT + keysWidth),
                TOP - 9,
                symbol,
                symbol.isEmpty() ? 0 : 24,
                HtmlPage.escape(label)));
    keysWidth += 48 + 6.6 * label.length();
  }

  private String point(double valueX, double valueY) {
    return number(pixelX(valueX)) + " " + number(pixelY(valueY));
  }

  private double pixelX(double value) {
    return LEFT + x.position(value) * plotWidth();
  }

  private double pixelY(double value) {
    return height - BOTTOM - y.position(value) * plotHeight();
  }

  private int plotWidth() {
    return width - LEFT - right;
  }

  private int plotHeight() {
    return height - TOP - BOTTOM;
  }

  /** A tenth of a pixel is enough. */
  private static String number(double pixels) {
    return String.format(Locale.ROOT, "%.1f", Math.clamp(pixels, -1e5, 1e5));
  }
}
