package org.etalon.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.etalon.client.EtalonClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code etalon models load}. */
@Command(
    name = "load",
    description =
        "Loads models on a running server (--model-control-mode explicit), anew if their files changed.",
    mixinStandardHelpOptions = true)
final class ModelsLoadCommand implements Callable<Integer> {
  @Mixin private RemoteOptions remote = new RemoteOptions();

  @Parameters(arity = "1..*", paramLabel = "MODEL")
  private List<String> models = List.of();

  @Override
  public Integer call() {
    try (EtalonClient client = remote.open()) {
      models.forEach(client::loadModel);
    }
    return 0;
  }
}
