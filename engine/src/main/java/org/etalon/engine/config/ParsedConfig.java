package org.etalon.engine.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.protocol.proto.ModelConfig;

/**
 * A configuration as it was read, and what could not be.
 *
 * @param file where it was read from
 * @param config what could be read
 * @param faults what could not, in the order of the text
 * @param positions where each field begins, by paths such as {@code input[0].dims}
 */
public record ParsedConfig(
    String file, ModelConfig config, List<ConfigFault> faults, Map<String, Position> positions) {
  public ParsedConfig {
    faults = List.copyOf(faults);
    positions = Map.copyOf(positions);
  }

  /** A fault of the field of that path, placed at the nearest enclosing field that is written. */
  ConfigFault fault(String path, String message) {
    return new ConfigFault(file, position(path), path + ": " + message);
  }

  private Optional<Position> position(String path) {
    String enclosing = path;
    while (!enclosing.isEmpty()) {
      Position position = positions.get(enclosing);
      if (position != null) {
        return Optional.of(position);
      }
      int end = Math.max(enclosing.lastIndexOf('.'), enclosing.lastIndexOf('['));
      enclosing = end < 0 ? "" : enclosing.substring(0, end);
    }
    return Optional.empty();
  }
}
