package org.etalon.engine.config;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

/** Takes the escapes out of adjacent string literals, which are one value. Used once. */
final class StringLiterals {
  private final BiConsumer<Position, String> faults;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private StringLiterals(BiConsumer<Position, String> faults) {
    this.faults = faults;
  }

  /** The literals' value; bad escapes are reported and left out. */
  static String decode(List<Token> literals, BiConsumer<Position, String> faults) {
    StringLiterals decoder = new StringLiterals(faults);
    literals.forEach(decoder::append);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(decoder.bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      faults.accept(literals.getFirst().position(), "the string's escapes do not make UTF-8 text");
      return "";
    }
  }

  private void append(Token literal) {
    String text = literal.text();
    int end = text.length() - 1;
    int at = 1;
    while (at < end) {
      if (text.charAt(at) == '\\') {
        at = escape(literal, at);
      } else {
        int codePoint = text.codePointAt(at);
        put(codePoint);
        at += Character.charCount(codePoint);
      }
    }
  }

  /** Reads the escape whose backslash stands at {@code at}; returns where the next character is. */
  private int escape(Token literal, int at) {
    String text = literal.text();
    char kind = text.charAt(at + 1);
    if (kind >= '0' && kind <= '7') {
      return number(literal, at, at + 1, 3, 8);
    }
    int simple = "abfnrtv\\'\"?".indexOf(kind);
    if (simple >= 0) {
      bytes.write("\u0007\b\f\n\r\t\u000B\\'\"?".charAt(simple));
      return at + 2;
    }
    return switch (kind) {
      case 'x', 'X' -> number(literal, at, at + 2, 2, 16);
      case 'u' -> codePoint(literal, at, 4);
      case 'U' -> codePoint(literal, at, 8);
      default -> {
        fault(literal, at, "unknown escape '\\%c'".formatted(kind));
        yield at + 2;
      }
    };
  }

  private int number(Token literal, int at, int from, int maxDigits, int radix) {
    int end = endOfDigits(literal.text(), from, maxDigits, radix);
    if (end == from) {
      fault(literal, at, "escape '\\x' without hexadecimal digits");
      return end;
    }
    int value = Integer.parseInt(literal.text().substring(from, end), radix);
    if (value > 0xFF) {
      fault(literal, at, "octal escape above \\377");
    } else {
      bytes.write(value);
    }
    return end;
  }

  private int codePoint(Token literal, int at, int digits) {
    int from = at + 2;
    int end = endOfDigits(literal.text(), from, digits, 16);
    if (end < from + digits) {
      fault(
          literal,
          at,
          "escape '\\%c' takes %d hexadecimal digits"
              .formatted(literal.text().charAt(at + 1), digits));
      return end;
    }
    long value = Long.parseLong(literal.text().substring(from, end), 16);
    boolean isSurrogate = value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE;
    if (value > Character.MAX_CODE_POINT) {
      fault(literal, at, "escape beyond the last Unicode character, \\U0010FFFF");
    } else if (isSurrogate) {
      return surrogate(literal, at, end, (char) value);
    } else {
      put((int) value);
    }
    return end;
  }

  /** Two escapes that make one character, as {@code \\ud83d\\ude00}. */
  private int surrogate(Token literal, int at, int end, char high) {
    String text = literal.text();
    int lowEnd = endOfDigits(text, end + 2, 4, 16);
    if (Character.isHighSurrogate(high) && text.startsWith("\\u", end) && lowEnd == end + 6) {
      char low = (char) Integer.parseInt(text.substring(end + 2, lowEnd), 16);
      if (Character.isLowSurrogate(low)) {
        put(Character.toCodePoint(high, low));
        return lowEnd;
      }
    }
    fault(literal, at, "escape of half a character (a lone surrogate)");
    return end;
  }

  private static int endOfDigits(String text, int from, int maxDigits, int radix) {
    int end = from;
    while (end < text.length() - 1
        && end < from + maxDigits
        && Character.digit(text.charAt(end), radix) >= 0
        && text.charAt(end) < 0x80) {
      end++;
    }
    return end;
  }

  private void put(int codePoint) {
    bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
  }

  private void fault(Token literal, int at, String message) {
    faults.accept(literal.position().plus(at), message);
  }
}
