package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.repository.StagedVersion;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code etalon models rollback}. */
@Command(
    name = "rollback",
    description =
        "Takes the newest version of a model out of a repository, where the one before then serves, and keeps it in the hidden folder .withdrawn-VERSION.",
    mixinStandardHelpOptions = true)
final class ModelsRollbackCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Spec private @Nullable CommandSpec command;

  @Parameters(paramLabel = "MODEL")
  private String model = "";

  @Option(names = "--from", required = true, paramLabel = "DIR", description = "The repository.")
  private Path from = Path.of("");

  @Option(
      names = "--url",
      paramLabel = "grpc://HOST:PORT",
      description = "A running server of that repository, which is waited for.")
  private @Nullable String url;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Long> versions = StagedVersion.versions(from, model);
    if (versions.size() < 2) {
      throw ServingException.invalid(
          "model '%s' has the versions %s in %s (expected: one to go back to)"
              .formatted(model, versions, from));
    }
    long newest = versions.getLast();
    Path kept = StagedVersion.withdraw(from, model, newest);
    new PromotionRecord(model, newest, "rolled back", "asked for", List.of()).append(from);
    String server = url;
    if (server != null) {
      try (EtalonClient client =
          EtalonClient.open(WrongUsage.unlessAccepted(command, () -> ClientConfig.of(server)))) {
        new VersionRollout(client, model, newest, PATIENCE).giveUp();
      }
    }
    System.out.printf("%s/%d rolled back, kept in %s%n", model, newest, kept);
    return 0;
  }
}
