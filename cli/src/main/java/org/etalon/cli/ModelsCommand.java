package org.etalon.cli;

import picocli.CommandLine.Command;

/** {@code etalon models}: the repository of a running server, a folder, or a network to import. */
@Command(
    name = "models",
    description =
        "Lists, loads and unloads the models of a running server and tells what they do; checks a folder; imports networks; takes versions from one folder to another.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ModelsListCommand.class,
      ModelsStatsCommand.class,
      ModelsLoadCommand.class,
      ModelsUnloadCommand.class,
      ModelsValidateCommand.class,
      ModelsImportCommand.class,
      ModelsPromoteCommand.class,
      ModelsRollbackCommand.class
    })
final class ModelsCommand {}
