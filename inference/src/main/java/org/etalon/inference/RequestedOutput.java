package org.etalon.inference;

import java.util.Map;

/**
 * An output that a request asks for.
 *
 * @param name the output's name in its model
 * @param parameters how it is wanted, such as {@code classification} or {@code binary_data}
 */
public record RequestedOutput(String name, Map<String, Parameter> parameters) {
  public RequestedOutput {
    parameters = Map.copyOf(parameters);
  }

  public static RequestedOutput of(String name) {
    return new RequestedOutput(name, Map.of());
  }
}
