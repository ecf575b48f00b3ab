package org.etalon.strain.segments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One table of a LIGO_LW document: its columns, and its cells row after row. */
final class LightTable {
  private final Path path;
  private final String name;
  private final int line;
  private final List<String> columns;
  private final List<String> cells = new ArrayList<>();

  LightTable(Path path, String name, int line, List<String> columns) {
    this.path = path;
    this.name = name;
    this.line = line;
    this.columns = columns;
  }

  /** {@code segment} of {@code segmentgroup:segment:table}. */
  static String tableName(String whole) {
    String name = whole.endsWith(":table") ? whole.substring(0, whole.length() - 6) : whole;
    return name.substring(name.lastIndexOf(':') + 1);
  }

  /** {@code start_time} of {@code segment:start_time}. */
  static String columnName(String whole) {
    return whole.substring(whole.lastIndexOf(':') + 1);
  }

  /** Divides a stream into cells; a row's last is followed by a delimiter unless it is the last. */
  void fill(String stream, char delimiter) throws IOException {
    var cell = new StringBuilder();
    boolean isQuoted = false;
    boolean isEmpty = true;
    for (int i = 0; i < stream.length(); i++) {
      char c = stream.charAt(i);
      if (isQuoted && c == '\\' && i + 1 < stream.length()) {
        cell.append(stream.charAt(++i));
      } else if (c == '"') {
        isQuoted = !isQuoted;
      } else if (c == delimiter && !isQuoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else if (isQuoted || !Character.isWhitespace(c)) {
        cell.append(c);
      }
      isEmpty &= Character.isWhitespace(c);
    }
    if (isQuoted) {
      throw refusal("a text without its end");
    }
    if (!isEmpty) {
      cells.add(cell.toString());
    }
    requireRows();
  }

  /** Rows by column; refuses a table without the columns needed. */
  List<Map<String, String>> rows(String... needed) throws IOException {
    for (String column : needed) {
      if (!columns.contains(column)) {
        throw refusal("no column %s (it has %s)".formatted(column, columns));
      }
    }
    List<Map<String, String>> rows = new ArrayList<>();
    for (int from = 0; from < cells.size(); from += columns.size()) {
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        row.put(columns.get(i), cells.get(from + i));
      }
      rows.add(row);
    }
    return rows;
  }

  IOException refusal(String problem) {
    return new IOException("%s: line %d: table %s: %s".formatted(path, line, name, problem));
  }

  private void requireRows() throws IOException {
    int width = columns.size();
    boolean isOneTooMany = width > 1 && cells.size() % width == 1;
    if (isOneTooMany && cells.getLast().isEmpty()) {
      cells.removeLast(); // writers end a row so whose last cell is null
    }
    if (width == 0 || cells.size() % width != 0) {
      throw refusal(
          "%d values in %d columns %s (expected: whole rows)"
              .formatted(cells.size(), width, columns));
    }
  }
}
