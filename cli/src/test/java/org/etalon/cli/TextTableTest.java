package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void alignsTextToTheLeftAndNumbersToTheRight() {
    TextTable table = new TextTable("name", "count");
    table.row("a", 7L);
    table.row("longer", 12345678L);
    assertThat(table.toText())
        .isEqualTo(
            """
            name    count
            a              7
            longer  12345678
            """);
  }

  @Test
  void printsTheHeadingsOfNoRows() {
    TextTable table = new TextTable("name", "count");
    assertThat(table.toText()).isEqualTo("name  count\n");
    assertThat(table.toJson()).isEqualTo("[]\n");
  }

  @Test
  void leavesNumbersNumbersInJson() {
    TextTable table = new TextTable("a", "b", "c", "d d");
    table.row(1, 2L, 0.5, "3");
    assertThat(table.toJson())
        .isEqualTo(
            """
            [{"a":1,"b":2,"c":0.5,"d_d":"3"}]
            """);
  }

  @Test
  void quotesTextInJson() {
    TextTable table = new TextTable("text");
    table.row("a \"b\" \\ \n\t\u0001 \u00e9");
    assertThat(table.toJson())
        .isEqualTo("[{\"text\":\"a \\\"b\\\" \\\\ \\n\\t\\u0001 \u00e9\"}]\n");
  }

  @Test
  void refusesARowOfAnotherWidth() {
    TextTable table = new TextTable("a", "b");
    assertThatThrownBy(() -> table.row("only one"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cells: 1 (expected: 2)");
  }
}
