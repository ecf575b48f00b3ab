package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/**
 * Rows under headings, for a person or, as JSON, for a program. Cells are text or numbers; a number
 * stays one in JSON.
 */
final class TextTable {
  private final List<String> headings;
  private final List<List<Object>> rows = new ArrayList<>();

  TextTable(String... headings) {
    this.headings = List.of(headings);
  }

  void row(Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "cells: %d (expected: %d)".formatted(cells.length, headings.size()));
    }
    rows.add(List.of(cells));
  }

  /** Columns as wide as their widest cell; numbers to the right. */
  String toText() {
    int[] widths = headings.stream().mapToInt(String::length).toArray();
    for (List<Object> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).toString().length());
      }
    }
    StringBuilder text = new StringBuilder();
    appendLine(text, headings, widths);
    for (List<Object> row : rows) {
      appendLine(text, row, widths);
    }
    return text.toString();
  }

  private static void appendLine(StringBuilder text, List<?> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i).toString();
      String padding = " ".repeat(widths[i] - cell.length());
      line.append(cells.get(i) instanceof Number ? padding + cell : cell + padding).append("  ");
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  /** An array of objects, keyed by heading. */
  String toJson() {
    java.io.StringWriter text = new java.io.StringWriter();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(tools.jackson.core.ObjectWriteContext.empty(), text)) {
      json.writeStartArray();
      for (List<Object> row : rows) {
        json.writeStartObject();
        for (int i = 0; i < headings.size(); i++) {
          json.writeName(headings.get(i).replace(' ', '_'));
          write(json, row.get(i));
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text + "\n";
  }

  private static void write(JsonGenerator json, Object cell) {
    switch (cell) {
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      default -> json.writeString(cell.toString());
    }
  }

  /** Prints it to stdout. */
  void print(boolean asJson) {
    System.out.print(asJson ? toJson() : toText());
    System.out.flush();
  }
}
