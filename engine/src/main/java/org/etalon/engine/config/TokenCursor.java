package org.etalon.engine.config;

import java.util.List;

/** Walks over tokens. Owned by one thread. */
final class TokenCursor {
  private static final String OPENING = "{<[";
  private static final String CLOSING = "}>]";

  private final List<Token> tokens;
  private int at;

  /**
   * @param tokens of which the last is the end
   */
  TokenCursor(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  /** The token after {@link #peek}. */
  Token peekSecond() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  /** Takes a token; the end stays. */
  Token next() {
    Token token = peek();
    if (!token.isEnd()) {
      at++;
    }
    return token;
  }

  boolean accept(char symbol) {
    if (!peek().is(symbol)) {
      return false;
    }
    at++;
    return true;
  }

  /** True if a field begins here: {@code name:}, or a bracket. */
  boolean isAtField() {
    return peek().kind() == Token.Kind.IDENTIFIER && peekSecond().isOneOf(":{<[");
  }

  /** True if something here ends a value that is missing. */
  boolean isAtEndOfValue() {
    return peek().isEnd() || peek().isOneOf(CLOSING) || isAtField();
  }

  /** Takes everything that can be a field's value, its {@code :} included. */
  void skipValue() {
    accept(':');
    if (peek().isOneOf(OPENING)) {
      skipBrackets();
      return;
    }
    if (isAtEndOfValue()) {
      return;
    }
    accept('-');
    if (next().kind() == Token.Kind.STRING) {
      while (peek().kind() == Token.Kind.STRING) {
        next();
      }
    }
  }

  /** Takes an opening bracket and everything up to the one that closes it. */
  void skipBrackets() {
    int depth = 0;
    do {
      Token token = next();
      if (token.isOneOf(OPENING)) {
        depth++;
      } else if (token.isOneOf(CLOSING)) {
        depth--;
      }
    } while (depth > 0 && !peek().isEnd());
  }

  /** True if as many brackets of each kind are closed as opened, in the whole text. */
  boolean isBalanced() {
    int[] depths = new int[OPENING.length()];
    for (Token token : tokens) {
      if (token.isOneOf(OPENING)) {
        depths[OPENING.indexOf(token.text())]++;
      } else if (token.isOneOf(CLOSING)) {
        depths[CLOSING.indexOf(token.text())]--;
      }
    }
    for (int depth : depths) {
      if (depth != 0) {
        return false;
      }
    }
    return true;
  }
}
