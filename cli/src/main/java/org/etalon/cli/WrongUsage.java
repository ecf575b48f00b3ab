package org.etalon.cli;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the words of a command line ask for cannot be; the command ends with exit status 2. */
final class WrongUsage {
  private WrongUsage() {}

  static ParameterException of(@Nullable CommandSpec command, String message) {
    if (command == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return new ParameterException(command.commandLine(), message);
  }

  /** Builds settings from options only; what they refuse is blamed on the command line. */
  static <T> T unlessAccepted(@Nullable CommandSpec command, Supplier<T> settings) {
    try {
      return settings.get();
    } catch (IllegalArgumentException e) {
      throw of(command, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }
}
