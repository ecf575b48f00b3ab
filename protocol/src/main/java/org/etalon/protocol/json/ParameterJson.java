package org.etalon.protocol.json;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.TreeMap;
import org.etalon.inference.Parameter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Parameters as JSON: a boolean, a number or a text by name. */
final class ParameterJson {
  private ParameterJson() {}

  /** Reads the value that comes next: an object of parameters, or null for none. */
  static Map<String, Parameter> read(JsonReader reader) {
    JsonToken token = reader.next();
    if (token == JsonToken.VALUE_NULL) {
      return new HashMap<>();
    }
    if (token != JsonToken.START_OBJECT) {
      throw reader.wrongKind("an object");
    }
    Map<String, Parameter> parameters = HashMap.newHashMap(2);
    var seen = new HashSet<String>(4);
    for (String name = reader.nextMember(seen); name != null; name = reader.nextMember(seen)) {
      parameters.put(name, value(reader, reader.next()));
    }
    return parameters;
  }

  /** The parameter that was read last. */
  static Parameter value(JsonReader reader, JsonToken token) {
    return switch (token) {
      case VALUE_TRUE -> new Parameter.Bool(true);
      case VALUE_FALSE -> new Parameter.Bool(false);
      case VALUE_STRING -> new Parameter.Text(reader.parser().getString());
      case VALUE_NUMBER_FLOAT -> real(reader);
      case VALUE_NUMBER_INT -> whole(reader);
      default -> throw reader.wrongKind("a boolean, a number or a text");
    };
  }

  private static Parameter real(JsonReader reader) {
    double value = reader.parser().getDoubleValue();
    if (Double.isInfinite(value)) {
      throw reader.fault("a number beyond the range of FP64");
    }
    return new Parameter.Real(value);
  }

  private static Parameter whole(JsonReader reader) {
    JsonParser parser = reader.parser();
    if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return new Parameter.Int64(parser.getLongValue());
    }
    try {
      return new Parameter.Uint64(Long.parseUnsignedLong(parser.getString()));
    } catch (NumberFormatException e) {
      throw reader.fault("a number beyond 64 bits");
    }
  }

  /** Writes an object, by name. */
  static void write(JsonGenerator json, Map<String, Parameter> parameters) {
    json.writeStartObject();
    new TreeMap<>(parameters)
        .forEach((name, parameter) -> {
          json.writeName(name);
          writeValue(json, parameter);
        });
    json.writeEndObject();
  }

  static void writeValue(JsonGenerator json, Parameter parameter) {
    switch (parameter) {
      case Parameter.Bool(boolean value) -> json.writeBoolean(value);
      case Parameter.Int64(long value) -> json.writeNumber(value);
      case Parameter.Uint64(long value) -> json.writeNumber(Long.toUnsignedString(value));
      case Parameter.Text(String value) -> json.writeString(value);
      case Parameter.Real(double value) -> {
        if (Double.isFinite(value)) {
          json.writeNumber(value);
        } else {
          json.writeNull(); // JSON has no such number, and an answer is worth more than this
        }
      }
    }
  }
}
