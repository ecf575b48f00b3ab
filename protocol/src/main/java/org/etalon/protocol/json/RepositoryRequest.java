package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import tools.jackson.core.JacksonException;

/**
 * What is asked of the model repository.
 *
 * @param isReadyOnly for the index: only models that are ready
 * @param parameters for loading and unloading
 */
public record RepositoryRequest(boolean isReadyOnly, Map<String, Parameter> parameters) {
  public RepositoryRequest {
    parameters = Map.copyOf(parameters);
  }

  /**
   * Reads a request; an empty body asks for nothing special.
   *
   * @param body borrowed until return
   * @throws ServingException INVALID_ARGUMENT if it is neither empty nor such a JSON object
   */
  public static RepositoryRequest decode(MemorySegment body) {
    if (body.byteSize() == 0) {
      return new RepositoryRequest(false, Map.of());
    }
    try (JsonReader reader = new JsonReader(body, "")) {
      return decode(reader);
    } catch (JacksonException e) {
      throw JsonReader.malformed(e);
    }
  }

  private static RepositoryRequest decode(JsonReader reader) {
    boolean isReadyOnly = false;
    Map<String, Parameter> parameters = Map.of();
    reader.takeObjectStart();
    Set<String> seen = new HashSet<>(4);
    for (String name = reader.nextMember(seen); name != null; name = reader.nextMember(seen)) {
      switch (name) {
        case "ready" -> isReadyOnly = reader.takeBool();
        case "parameters" -> parameters = ParameterJson.read(reader);
        default ->
            throw reader.fault("unknown member '%s' (expected: ready, parameters)".formatted(name));
      }
    }
    reader.takeEnd();
    return new RepositoryRequest(isReadyOnly, parameters);
  }
}
