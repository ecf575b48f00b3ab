package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Set;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Walks a JSON document token by token. Every {@code take} method reads the value that comes next
 * and refuses one of another kind, saying where it stands. Owned by one thread.
 */
final class JsonReader implements AutoCloseable {
  private final JsonParser parser;
  private final String base;

  /**
   * @param text UTF-8, borrowed until {@link #close}
   * @param base the JSON pointer of the document's root; empty for a whole document
   */
  JsonReader(MemorySegment text, String base) {
    this.parser =
        JsonFormat.FACTORY.createParser(ObjectReadContext.empty(), new SegmentInputStream(text));
    this.base = base;
  }

  /** For the loops over elements that must not pay for a call more. */
  JsonParser parser() {
    return parser;
  }

  /** A fault of the document, by a parser that could not go on. */
  static ServingException malformed(JacksonException error) {
    return ServingException.invalid(
        "request JSON: %s (at byte %d)"
            .formatted(error.getOriginalMessage(), Math.max(0, byteOffset(error))));
  }

  private static long byteOffset(JacksonException error) {
    return error.getLocation() == null ? 0 : error.getLocation().getByteOffset();
  }

  /** A fault of the value that was read last. */
  ServingException fault(String what) {
    return ServingException.invalid("request JSON at %s: %s".formatted(pointer(), what));
  }

  /** Where the value that was read last stands, as a JSON pointer. */
  String pointer() {
    String pointer = base + parser.streamReadContext().pathAsPointer();
    return pointer.isEmpty() ? "/" : pointer;
  }

  /** Where the value that was read last begins, in bytes. */
  long valueOffset() {
    long offset = parser.currentTokenLocation().getByteOffset();
    if (offset < 0) {
      throw fault("not UTF-8 (expected: JSON in UTF-8)");
    }
    return offset;
  }

  JsonToken next() {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw ServingException.invalid("request JSON: empty (expected: a JSON object)");
    }
    return token;
  }

  void takeObjectStart() {
    expect(next(), JsonToken.START_OBJECT);
  }

  /** Goes into an array, or returns false if null stands in its place. */
  boolean takeArrayStart() {
    JsonToken token = next();
    if (token == JsonToken.VALUE_NULL) {
      return false;
    }
    expect(token, JsonToken.START_ARRAY);
    return true;
  }

  /**
   * The name of the object's next member.
   *
   * @param seen the members so far, to which it is added
   * @return null at the object's end
   */
  @Nullable String nextMember(Set<String> seen) {
    String name = parser.nextName();
    if (name != null && !seen.add(name)) {
      throw fault("member '%s' stands twice".formatted(name));
    }
    return name;
  }

  /** A text, or null. */
  @Nullable String takeTextOrNull() {
    JsonToken token = next();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    expect(token, JsonToken.VALUE_STRING);
    return parser.getString();
  }

  String takeText() {
    expect(next(), JsonToken.VALUE_STRING);
    return parser.getString();
  }

  boolean takeBool() {
    JsonToken token = next();
    if (!token.isBoolean()) {
      throw wrongKind("a boolean");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  /** The rest of the document is blank. */
  void takeEnd() {
    if (parser.nextToken() != null) {
      throw fault("more after the end of the document");
    }
  }

  long takeWholeNumber() {
    next();
    return wholeNumber();
  }

  /** The number read last, which must be whole and fit into a signed long. */
  long wholeNumber() {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrongKind("a whole number");
    }
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw fault("%s (expected: a number below 2^63)".formatted(parser.getString()));
    }
    return parser.getLongValue();
  }

  ServingException wrongKind(String expected) {
    return fault("%s (expected: %s)".formatted(kind(parser.currentToken()), expected));
  }

  private void expect(JsonToken given, JsonToken expected) {
    if (given != expected) {
      throw wrongKind(kind(expected));
    }
  }

  private static String kind(@Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case null -> "nothing";
      default -> token.name().toLowerCase(Locale.ROOT);
    };
  }

  @Override
  public void close() {
    parser.close();
  }
}
