package org.etalon.server.http;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;

/** The variable segments of a path, decoded, by their names in the pattern. */
record PathVariables(Map<String, String> values) {
  /** The segment {@code {model}}. */
  String modelName() {
    return values.getOrDefault("model", "");
  }

  /** The same; empty if the path names no model. */
  Optional<String> optionalModelName() {
    return Optional.ofNullable(values.get("model"));
  }

  /** The segment {@code {version}}; empty if the path has none. */
  OptionalLong version() {
    String text = values.get("version");
    if (text == null) {
      return OptionalLong.empty();
    }
    try {
      long version = Long.parseLong(text);
      if (version > 0) {
        return OptionalLong.of(version);
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw ServingException.invalid(
        "model '%s': version '%s' (expected: a whole number above 0)".formatted(modelName(), text));
  }

  ModelId model() {
    if (modelName().isEmpty()) {
      throw ServingException.invalid("model name: empty (expected: the name of a model)");
    }
    return new ModelId(modelName(), version());
  }
}
