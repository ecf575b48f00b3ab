package org.etalon.cli;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.etalon.inference.ServingException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code etalon} command. Exit status: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "etalon",
    description = "Inference-as-a-service for gravitational-wave astronomy.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Build.class)
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  /** In the order of {@code --help}. */
  private static SequencedMap<String, Supplier<Object>> commands() {
    SequencedMap<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("demo", DemoCommand::new);
    commands.put("serve", ServeCommand::new);
    commands.put("infer", InferCommand::new);
    commands.put("search", SearchCommand::new);
    commands.put("strain", StrainCommand::new);
    commands.put("models", ModelsCommand::new);
    commands.put("version", VersionCommand::new);
    commands.put("rehearse", RehearseCommand::new);
    return commands;
  }

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command; its exit status. */
  static int run(String... args) {
    Logging.configure();
    return commandLine(args)
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

  /** Knows the command that is named; all of them, which takes longer to set up, if none is. */
  private static CommandLine commandLine(String... args) {
    CommandLine etalon = new CommandLine(new Main());
    SequencedMap<String, Supplier<Object>> commands = commands();
    Supplier<Object> named = args.length == 0 ? null : commands.get(args[0]);
    if (named != null) {
      return etalon.addSubcommand(args[0], named.get());
    }
    commands.forEach((name, command) -> etalon.addSubcommand(name, command.get()));
    return etalon;
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
