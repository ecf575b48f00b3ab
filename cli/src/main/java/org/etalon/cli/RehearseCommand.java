package org.etalon.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Loads the classes that a start of the service needs, so that the launcher can keep them in an
 * archive; does nothing else.
 */
@Command(name = "rehearse", hidden = true)
final class RehearseCommand implements Callable<Integer> {
  @Option(names = "--model-repository", hidden = true)
  private java.nio.file.Path repository = java.nio.file.Path.of("examples", "models");

  @Override
  public Integer call() throws IOException {
    return Rehearsal.run(repository);
  }
}
