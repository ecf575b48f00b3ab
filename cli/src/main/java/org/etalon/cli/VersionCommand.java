package org.etalon.cli;

import picocli.CommandLine.Command;

/** {@code etalon version}. */
@Command(
    name = "version",
    description = "Prints the version of this build and of the Java that runs it.",
    mixinStandardHelpOptions = true)
final class VersionCommand implements Runnable {
  @Override
  public void run() {
    System.out.printf(
        "etalon %s (Java %s, %s %s)%n",
        Build.version(),
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
  }
}
