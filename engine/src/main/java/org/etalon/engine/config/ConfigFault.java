package org.etalon.engine.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.etalon.inference.ServingException;

/**
 * Something wrong in a configuration.
 *
 * @param file the file, or what stands for one where there is none
 * @param position where in the file; empty where nothing in it is to blame
 * @param message what was given and what is expected
 */
public record ConfigFault(String file, Optional<Position> position, String message) {
  /** {@code file:line:column: message}. */
  @Override
  public String toString() {
    return position.map(place -> file + ":" + place).orElse(file) + ": " + message;
  }

  /** One INVALID_ARGUMENT of all faults, one a line. */
  public static ServingException refusal(List<ConfigFault> faults) {
    return ServingException.invalid(
        faults.stream().map(ConfigFault::toString).collect(Collectors.joining("\n")));
  }
}
