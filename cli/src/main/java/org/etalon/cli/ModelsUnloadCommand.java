package org.etalon.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.etalon.client.EtalonClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code etalon models unload}. */
@Command(
    name = "unload",
    description =
        "Takes models out of a running server (--model-control-mode explicit); requests in flight finish.",
    mixinStandardHelpOptions = true)
final class ModelsUnloadCommand implements Callable<Integer> {
  @Mixin private RemoteOptions remote = new RemoteOptions();

  @Option(names = "--dependents", description = "Also what was loaded only because of them.")
  private boolean withDependents;

  @Parameters(arity = "1..*", paramLabel = "MODEL")
  private List<String> models = List.of();

  @Override
  public Integer call() {
    try (EtalonClient client = remote.open()) {
      models.forEach(model -> client.unloadModel(model, withDependents));
    }
    return 0;
  }
}
