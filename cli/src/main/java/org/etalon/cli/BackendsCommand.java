package org.etalon.cli;

import picocli.CommandLine.Command;

/** {@code etalon backends}: the frameworks and their libraries. */
@Command(
    name = "backends",
    description = "Lists the backends; installs native libraries of optional ones.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BackendsListCommand.class, BackendsInstallCommand.class})
final class BackendsCommand {}
