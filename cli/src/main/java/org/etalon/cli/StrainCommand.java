package org.etalon.cli;

import picocli.CommandLine.Command;

/** {@code etalon strain}: what lies in strain files, and where to get some. */
@Command(
    name = "strain",
    description =
        "Looks into strain files, exports and converts them, lists segments, fetches public strain.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StrainInfoCommand.class,
      StrainExportCommand.class,
      StrainConvertCommand.class,
      StrainSegmentsCommand.class,
      StrainFetchCommand.class
    })
final class StrainCommand {}
