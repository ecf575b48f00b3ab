package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/** What a client wants to change of the log's or the traces' settings; an empty body: nothing. */
public final class SettingsRequest {
  private SettingsRequest() {}

  /**
   * Settings of the log, by their names.
   *
   * @param body borrowed until return
   * @throws ServingException INVALID_ARGUMENT if it is not such a JSON object
   */
  public static Map<String, Parameter> log(MemorySegment body) {
    Map<String, Parameter> changes = new LinkedHashMap<>();
    read(
        body,
        reader -> {
          Set<String> seen = new HashSet<>(8);
          for (String name = reader.nextMember(seen);
              name != null;
              name = reader.nextMember(seen)) {
            changes.put(name, ParameterJson.value(reader, reader.next()));
          }
        });
    return changes;
  }

  /**
   * Settings of traces, by their names; one without values is to follow the others' again.
   *
   * @param body as for {@link #log}
   */
  public static Map<String, List<String>> trace(MemorySegment body) {
    Map<String, List<String>> changes = new LinkedHashMap<>();
    read(
        body,
        reader -> {
          Set<String> seen = new HashSet<>(8);
          for (String name = reader.nextMember(seen);
              name != null;
              name = reader.nextMember(seen)) {
            changes.put(name, values(reader));
          }
        });
    return changes;
  }

  private static void read(MemorySegment body, Consumer<JsonReader> members) {
    if (body.byteSize() == 0) {
      return;
    }
    try (JsonReader reader = new JsonReader(body, "")) {
      reader.takeObjectStart();
      members.accept(reader);
      reader.takeEnd();
    } catch (JacksonException e) {
      throw JsonReader.malformed(e);
    }
  }

  private static List<String> values(JsonReader reader) {
    JsonToken token = reader.next();
    if (token == JsonToken.VALUE_NULL) {
      return List.of();
    }
    List<String> values = new ArrayList<>(1);
    if (token != JsonToken.START_ARRAY) {
      values.add(text(reader, token));
      return values;
    }
    for (token = reader.next(); token != JsonToken.END_ARRAY; token = reader.next()) {
      values.add(text(reader, token));
    }
    if (values.isEmpty()) {
      throw reader.fault("an empty array (expected: texts, or null to clear the setting)");
    }
    return values;
  }

  private static String text(JsonReader reader, JsonToken token) {
    return switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT -> reader.parser().getString();
      default -> throw reader.wrongKind("a text, a whole number, an array of texts or null");
    };
  }
}
