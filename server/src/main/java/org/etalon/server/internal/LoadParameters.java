package org.etalon.server.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.etalon.engine.request.LoadOverride;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.ModelConfigJson;

/** What the parameters of a load mean. */
public final class LoadParameters {
  private static final String CONFIG = "config";
  private static final String FILE = "file:";

  private LoadParameters() {}

  /**
   * The override that they ask for; empty if none.
   *
   * @param texts the parameters that are texts
   * @param files the contents of parameters that begin with {@code file:}
   * @throws ServingException INVALID_ARGUMENT if one is unknown, or files come without a
   *     configuration
   */
  public static Optional<LoadOverride> override(
      String model, Map<String, String> texts, Map<String, byte[]> files) {
    Map<String, byte[]> byPath = new HashMap<>();
    files.forEach((key, content) -> byPath.put(key.substring(FILE.length()), content));
    for (String key : texts.keySet()) {
      if (!key.equals(CONFIG)) {
        throw ServingException.invalid(
            "unrecognized load parameter '%s' of model '%s' (expected: 'config', 'file:<version>/<name>')"
                .formatted(key, model));
      }
    }
    String config = texts.get(CONFIG);
    if (config == null) {
      if (!byPath.isEmpty()) {
        throw ServingException.invalid(
            "Load parameter 'config' must be specified for model file override");
      }
      return Optional.empty();
    }
    return Optional.of(new LoadOverride(ModelConfigJson.parse(model, config), byPath));
  }

  public static boolean isFile(String key) {
    return key.startsWith(FILE);
  }
}
