package org.etalon.analysis.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlPageTest {
  @Test
  void showsTextAsItIs() {
    String html =
        new HtmlPage("<script>")
            .paragraph("a & b")
            .table(List.of("<h>"), List.of(List.of("\"c\"")))
            .html();

    assertThat(html)
        .contains(
            "<title>&lt;script&gt;</title>", "a &amp; b", "<th>&lt;h&gt;</th>", "&quot;c&quot;")
        .doesNotContain("<script>");
  }

  @Test
  void needsNoOtherFile() {
    assertThat(new HtmlPage("t").heading("h").html())
        .doesNotContain("src=\"http", "href=\"http", "@import");
  }
}
