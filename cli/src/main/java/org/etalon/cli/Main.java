package org.etalon.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

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
    commands.put("denoise", DenoiseCommand::new);
    commands.put("simulate", SimulateCommand::new);
    commands.put("strain", StrainCommand::new);
    commands.put("models", ModelsCommand::new);
    commands.put("backends", BackendsCommand::new);
    commands.put("devices", DevicesCommand::new);
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
        .registerConverter(Boolean.class, new Switch())
        .registerConverter(boolean.class, new Switch())
        .setParameterExceptionHandler((failure, _) -> refuse(failure))
        .setExecutionExceptionHandler((failure, command, _) -> {
          command.getErr().println("etalon: " + FailureText.of(failure));
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
    SequencedMap<String, Supplier<Object>> commands = commands();
    Supplier<Object> named = args.length == 0 ? null : commands.get(args[0]);
    if (named != null) {
      Object command = named.get();
      if (command instanceof ServeCommand serve) {
        serve.prepare();
      }
      return new CommandLine(new Main()).addSubcommand(args[0], new CommandLine(command));
    }
    CommandLine etalon = new CommandLine(new Main());
    commands.forEach((name, command) -> etalon.addSubcommand(name, new CommandLine(command.get())));
    return etalon;
  }

  /** Says what is wrong with the command line; lists the commands where one of them was missing. */
  private static int refuse(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    List<String> near =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    String hint = near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    String name = command.getCommandSpec().qualifiedName();
    err.printf("etalon: %s%s (see '%s --help')%n", FailureText.of(failure), hint, name);
    if (!command.getSubcommands().isEmpty() && near.isEmpty()) {
      command.usage(err);
    }
    err.flush();
    return ExitCode.USAGE;
  }
}
