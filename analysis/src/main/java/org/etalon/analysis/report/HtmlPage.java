package org.etalon.analysis.report;

import java.util.List;

/**
 * A page of text, tables and pictures in one file that needs no other, to be read on any screen and
 * printed. Add from top to bottom, then ask for {@link #html}. Owned by one thread.
 */
public final class HtmlPage {
  private static final String STYLE =
      """
      body { margin: 0 auto; max-width: 1000px; padding: 1.5rem; color: #222; background: #fff;
        font: 16px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; }
      h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
      h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ccc; }
      figure { margin: .8rem 0; break-inside: avoid; }
      figcaption { color: #555; font-size: .88rem; }
      svg { width: 100%; height: auto; display: block; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
      th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid #e4e4e4;
        white-space: nowrap; }
      th { font-weight: 600; border-bottom-color: #888; }
      th:first-child, td:first-child { text-align: left; }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 0 1rem; }
      .pair figure { margin: .3rem 0; }
      @media (max-width: 480px) { .pair { grid-template-columns: 1fr; } }
      @media print { body { max-width: none; padding: 0; font-size: 11pt; } }
      """;

  private final String title;
  private final StringBuilder body = new StringBuilder();

  public HtmlPage(String title) {
    this.title = title;
  }

  public HtmlPage heading(String text) {
    body.append("<h2>").append(escape(text)).append("</h2>\n");
    return this;
  }

  public HtmlPage paragraph(String text) {
    body.append("<p>").append(escape(text)).append("</p>\n");
    return this;
  }

  /** Rows of as many cells as the header has. */
  public HtmlPage table(List<String> header, List<List<String>> rows) {
    body.append("<div class=\"wide\"><table>\n");
    row("th", header);
    rows.forEach(cells -> row("td", cells));
    body.append("</table></div>\n");
    return this;
  }

  /** A picture over the page's width. */
  public HtmlPage picture(Plot plot, String caption) {
    body.append("<figure>").append(plot.svg());
    if (!caption.isEmpty()) {
      body.append("<figcaption>").append(escape(caption)).append("</figcaption>");
    }
    body.append("</figure>\n");
    return this;
  }

  /** Pictures side by side where the page is wide enough. */
  public HtmlPage pictures(List<Plot> plots) {
    body.append("<div class=\"pair\">\n");
    plots.forEach(plot -> picture(plot, ""));
    body.append("</div>\n");
    return this;
  }

  public String html() {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    <h1>%s</h1>
    %s</body>
    </html>
    """
        .formatted(escape(title), STYLE, escape(title), body);
  }

  /** Text as it is to be read, whatever characters it has. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private void row(String tag, List<String> cells) {
    body.append("<tr>");
    for (String cell : cells) {
      body.append('<').append(tag).append('>').append(escape(cell));
      body.append("</").append(tag).append('>');
    }
    body.append("</tr>\n");
  }
}
