package org.etalon.strain.opendata;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Walks one JSON answer from front to back; every complaint names the answer's URL and the place in
 * it.
 *
 * <p>On entry to a reader the cursor stands on its value; the reader must read or {@link #skip}
 * that value. Owned by one thread.
 */
final class JsonCursor {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_DECIMAL_SCALE = 30;

  private final URI url;
  private final JsonParser parser;

  private JsonCursor(URI url, JsonParser parser) {
    this.url = url;
    this.parser = parser;
  }

  /** Reads a whole document. */
  interface DocumentReader<T> {
    T read(JsonCursor cursor) throws IOException;
  }

  /** Reads the value of the field called {@code name}. */
  interface FieldReader {
    void read(String name) throws IOException;
  }

  /** Reads one element. */
  interface ElementReader {
    void read() throws IOException;
  }

  /** Reads {@code body}, the answer of {@code url}; it must be one JSON document. */
  static <T> T read(byte[] body, URI url, DocumentReader<T> reader) throws IOException {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      JsonCursor cursor = new JsonCursor(url, parser);
      parser.nextToken();
      T value = reader.read(cursor);
      if (parser.nextToken() != null) {
        throw cursor.unexpected("the end of the answer");
      }
      return value;
    } catch (JacksonException e) {
      throw new OpenDataException(
          Reason.BAD_ANSWER,
          "%s did not answer with JSON that can be read (expected: a JSON document; %s%s)"
              .formatted(url, e.getOriginalMessage(), place(e.getLocation())),
          e);
    }
  }

  URI url() {
    return url;
  }

  void object(FieldReader fields) throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.read(name);
    }
  }

  void array(ElementReader elements) throws IOException {
    expect(JsonToken.START_ARRAY, "a list");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.read();
    }
  }

  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  String text() throws IOException {
    expect(JsonToken.VALUE_STRING, "a text");
    return parser.getString();
  }

  /** A number of bounded exponent, so that arithmetic on it stays cheap. */
  BigDecimal decimal() throws IOException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw unexpected("a number");
    }
    BigDecimal value = parsed();
    if (Math.abs((long) value.scale()) > MAX_DECIMAL_SCALE) {
      throw unexpected("a number of ordinary size");
    }
    return value;
  }

  private BigDecimal parsed() throws IOException {
    try {
      return parser.getDecimalValue();
    } catch (NumberFormatException e) {
      // Jackson lets it through for an exponent that no BigDecimal holds.
      throw unexpected("a number of ordinary size");
    }
  }

  /** A whole number between the bounds, also if written as {@code 4096.0}. */
  long integer(long min, long max) throws IOException {
    BigDecimal value = decimal();
    boolean isInRange =
        value.compareTo(BigDecimal.valueOf(min)) >= 0
            && value.compareTo(BigDecimal.valueOf(max)) <= 0;
    if (!isInRange || value.stripTrailingZeros().scale() > 0) {
      throw unexpected("a whole number from " + min + " to " + max);
    }
    return value.longValueExact();
  }

  void skip() {
    parser.skipChildren();
  }

  /** The complaint that this place holds something else than {@code expected}. */
  OpenDataException unexpected(String expected) {
    JsonToken token = parser.currentToken();
    String found =
        token == null
            ? "the end"
            : token.isScalarValue() ? excerpt(parser.getString()) : token.toString();
    return new OpenDataException(
        Reason.BAD_ANSWER,
        "%s answered something else than the API promises: at %s expected %s, found %s"
            .formatted(url, parser.streamReadContext().pathAsPointer(), expected, found));
  }

  private void expect(JsonToken wanted, String words) throws OpenDataException {
    if (parser.currentToken() != wanted) {
      throw unexpected(words);
    }
  }

  private static String place(@Nullable TokenStreamLocation location) {
    return location == null
        ? ""
        : ", line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }

  private static String excerpt(String text) {
    return "'" + (text.length() <= 80 ? text : text.substring(0, 80) + "...") + "'";
  }
}
