package org.etalon.cli;

import org.etalon.inference.ServingException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code etalon} command. Exit status: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "etalon",
    description = "Inference-as-a-service for gravitational-wave astronomy.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Build.class,
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      InferCommand.class,
      SearchCommand.class,
      StrainCommand.class,
      ModelsCommand.class,
      VersionCommand.class,
      RehearseCommand.class
    })
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command; its exit status. */
  static int run(String... args) {
    Logging.configure();
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          command.getErr().println("etalon: " + oneLine(failure));
          if (Boolean.getBoolean("etalon.trace")) {
            failure.printStackTrace(command.getErr());
          }
          command.getErr().flush();
          return FAILED;
        })
        .execute(args);
  }

  /** Why it failed, in a line a person can act on. */
  private static String oneLine(Exception failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    boolean saysEnough =
        failure instanceof ServingException
            || failure instanceof java.io.IOException
            || failure instanceof IllegalArgumentException;
    String named =
        failure instanceof java.nio.file.FileSystemException || !saysEnough
            ? failure.getClass().getSimpleName() + ": " + message
            : message;
    return named.strip();
  }
}
