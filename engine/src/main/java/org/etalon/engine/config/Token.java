package org.etalon.engine.config;

/**
 * A word of the text format.
 *
 * @param text as written; a string with its quotes
 */
record Token(Kind kind, String text, Position position) {
  enum Kind {
    IDENTIFIER,
    NUMBER,
    STRING,
    /** A single character that is none of the others. */
    SYMBOL,
    /** After the last one. */
    END
  }

  boolean is(char symbol) {
    return kind == Kind.SYMBOL && text.charAt(0) == symbol;
  }

  boolean isOneOf(String symbols) {
    return kind == Kind.SYMBOL && symbols.indexOf(text.charAt(0)) >= 0;
  }

  boolean isEnd() {
    return kind == Kind.END;
  }

  /** For messages: what was found. */
  String found() {
    return isEnd() ? "the end of the file" : kind == Kind.STRING ? text : "'" + text + "'";
  }
}
