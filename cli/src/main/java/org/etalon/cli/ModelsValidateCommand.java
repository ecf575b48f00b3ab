package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.status.ModelIndexEntry.State;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code etalon models validate}: loads every version as a service would, and says what is wrong.
 */
@Command(
    name = "validate",
    description =
        "Loads every model of a repository as the service would (configuration, files, warm-up, reference outputs) and says what is wrong. Exit status 1 if anything is.",
    mixinStandardHelpOptions = true)
final class ModelsValidateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Model repositories: folders or s3:// addresses.")
  private List<String> repositories = new ArrayList<>();

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() {
    TextTable table = new TextTable("model", "version", "state", "reason");
    boolean isAllReady = true;
    Logging.leaveModelsToTheCommand();
    ModelRepositories models = ModelRepositories.of(command, repositories);
    try (Engine engine =
        models.start(
            config -> config.withControl(ModelControl.EXPLICIT, Set.of("*")),
            Engine.installedBackends())) {
      for (ModelIndexEntry entry : engine.index()) {
        isAllReady &= entry.state() == State.READY;
        ModelsListCommand.row(
            table, entry.model(), entry.version(), entry.state().name(), entry.reason());
      }
    }
    table.print(asJson);
    return isAllReady ? 0 : 1;
  }
}
