package org.etalon.cli;

import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.etalon.client.EtalonClient;
import org.etalon.client.RepositoryEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code etalon models list}. */
@Command(
    name = "list",
    description = "Lists the models of a running server with their versions and states.",
    mixinStandardHelpOptions = true)
final class ModelsListCommand implements Callable<Integer> {
  @Mixin private RemoteOptions remote = new RemoteOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() {
    TextTable table = new TextTable("model", "version", "state", "reason");
    try (EtalonClient client = remote.open()) {
      for (RepositoryEntry entry : client.repositoryIndex()) {
        row(table, entry.model(), entry.version(), entry.state(), entry.reason());
      }
    }
    table.print(asJson);
    return 0;
  }

  static void row(
      TextTable table, String model, OptionalLong version, String state, String reason) {
    table.row(model, version.isPresent() ? (Object) version.getAsLong() : "", state, reason);
  }
}
