package org.etalon.engine.config;

/**
 * A place in a text.
 *
 * @param line from 1
 * @param column in UTF-16 units, from 1; a tab is one
 */
public record Position(int line, int column) implements Comparable<Position> {
  /** Where a text begins. */
  public static final Position START = new Position(1, 1);

  /** Further on in the same line. */
  Position plus(int columns) {
    return new Position(line, column + columns);
  }

  @Override
  public int compareTo(Position other) {
    return line == other.line
        ? Integer.compare(column, other.column)
        : Integer.compare(line, other.line);
  }

  @Override
  public String toString() {
    return line + ":" + column;
  }
}
