package org.etalon.engine.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Cuts a text into its tokens. Owned by one thread, used once. */
final class TextFormatLexer {
  private final String text;
  private final BiConsumer<Position, String> faults;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineStart;

  /**
   * @param faults told of each character that belongs to no token
   */
  TextFormatLexer(String text, BiConsumer<Position, String> faults) {
    this.text = text;
    this.faults = faults;
  }

  /** All tokens, {@link Token.Kind#END} last. */
  List<Token> tokens() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        at++;
        line++;
        lineStart = at;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\u000B') {
        at++;
      } else if (c == '#') {
        skipComment();
      } else {
        token(c);
      }
    }
    tokens.add(new Token(Token.Kind.END, "", position()));
    return tokens;
  }

  private void skipComment() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  private void token(char c) {
    if (isIdentifierStart(c)) {
      add(Token.Kind.IDENTIFIER, endOfIdentifier());
    } else if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
      add(Token.Kind.NUMBER, endOfNumber());
    } else if (c == '"' || c == '\'') {
      string(c);
    } else if ("{}<>[]:,;-./".indexOf(c) >= 0) {
      add(Token.Kind.SYMBOL, at + 1);
    } else {
      int codePoint = text.codePointAt(at);
      faults.accept(
          position(), "unexpected character '%s'".formatted(Character.toString(codePoint)));
      at += Character.charCount(codePoint);
    }
  }

  private void add(Token.Kind kind, int end) {
    tokens.add(new Token(kind, text.substring(at, end), position()));
    at = end;
  }

  private Position position() {
    return new Position(line, at - lineStart + 1);
  }

  private int endOfIdentifier() {
    int end = at + 1;
    while (end < text.length()
        && (isIdentifierStart(text.charAt(end)) || isDigit(text.charAt(end)))) {
      end++;
    }
    return end;
  }

  /** As much as anyone could have meant as one number, so that a bad one is one fault. */
  private int endOfNumber() {
    boolean isHex =
        text.regionMatches(true, at, "0x", 0, 2); // where an 'e' is a digit, not an exponent
    int end = at + 1;
    while (end < text.length()) {
      char c = text.charAt(end);
      boolean isExponentSign =
          (c == '+' || c == '-') && !isHex && "eE".indexOf(text.charAt(end - 1)) >= 0;
      if (!isIdentifierStart(c) && !isDigit(c) && c != '.' && !isExponentSign) {
        return end;
      }
      end++;
    }
    return end;
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != '\n') {
      char c = text.charAt(end);
      if (c == quote) {
        add(Token.Kind.STRING, end + 1);
        return;
      }
      end += c == '\\' && end + 1 < text.length() && text.charAt(end + 1) != '\n' ? 2 : 1;
    }
    faults.accept(position(), "string without its closing %c in this line".formatted(quote));
    // Goes on as if the quote stood at the line's end: the field has its value, the rest is read.
    tokens.add(new Token(Token.Kind.STRING, quote + "" + quote, position()));
    at = end;
  }

  private static boolean isIdentifierStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
