package org.etalon.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.client.ServerGroup;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Device;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.status.ModelIndexEntry.State;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The two doors to a model: an engine in this process, or a running server. */
final class ServiceOptions {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--model-repository",
      paramLabel = "DIR",
      description = "Serve the model inside this process, from these folders or s3:// addresses.")
  private List<String> repositories = new ArrayList<>();

  @Option(
      names = "--url",
      split = ",",
      paramLabel = "grpc://HOST:PORT",
      description = "Ask a running server, or several that serve the same models.")
  private List<String> urls = new ArrayList<>();

  @Option(
      names = "--devices",
      split = ",",
      paramLabel = "DEVICE",
      description =
          "Where to place instances when serving inside this process, such as cpu or cpu,cuda:0 (default: as the model's configuration says).")
  private List<String> devices = new ArrayList<>();

  @Option(
      names = "--jobs-per-device",
      paramLabel = "N",
      description =
          "Instances on each device when serving inside this process (default: as the model's configuration says).")
  private @Nullable Integer jobsPerDevice;

  @Mixin private LibraryOptions libraries = new LibraryOptions();

  /** What was opened: the service, and the engine behind it if it is in this process. */
  record Opened(InferenceService service, Optional<Engine> engine) implements AutoCloseable {
    @Override
    public void close() {
      service.close();
    }
  }

  /**
   * Opens the door that was named.
   *
   * @param model the one model that an embedded engine loads
   */
  Opened open(String model) {
    if (urls.isEmpty() == repositories.isEmpty()) {
      throw WrongUsage.of(command, "give either --model-repository DIR or --url grpc://HOST:PORT");
    }
    if (!urls.isEmpty()) {
      if (!devices.isEmpty() || jobsPerDevice != null) {
        throw WrongUsage.of(
            command,
            "--devices and --jobs-per-device go with --model-repository: a server has its own");
      }
      List<ClientConfig> servers =
          WrongUsage.unlessAccepted(command, () -> urls.stream().map(ClientConfig::of).toList());
      InferenceService service =
          servers.size() == 1 ? EtalonClient.open(servers.getFirst()) : ServerGroup.open(servers);
      return new Opened(service, Optional.empty());
    }
    Engine engine = embedded(model);
    return new Opened(engine, Optional.of(engine));
  }

  private Engine embedded(String model) {
    List<Device> placement =
        WrongUsage.unlessAccepted(command, () -> InstanceOptions.placement(devices, jobsPerDevice));
    libraries.settle();
    Logging.leaveModelsToTheCommand();
    ModelRepositories models = ModelRepositories.of(command, repositories);
    Engine engine =
        models.start(
            config ->
                config.withControl(ModelControl.EXPLICIT, Set.of(model)).withPlacement(placement),
            Engine.installedBackends());
    try {
      report(model, models, engine.index());
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
    return engine;
  }

  /**
   * Says which versions are not served, as another one will answer.
   *
   * @throws ServingException UNAVAILABLE, with the reasons, if none is served
   */
  private void report(String model, ModelRepositories models, List<ModelIndexEntry> index) {
    Set<String> reasons = new LinkedHashSet<>();
    boolean isServed = false;
    for (ModelIndexEntry entry : index) {
      if (entry.model().equals(model)) {
        isServed |= entry.state() == State.READY;
        if (entry.state() == State.UNAVAILABLE) {
          reasons.add(entry.reason());
        }
      }
    }
    if (isServed) {
      reasons.forEach(reason -> System.err.println("etalon: not served: " + reason));
    } else if (models.contain(model)) {
      throw ServingException.unavailable(String.join("; ", reasons));
    } else {
      Set<String> others = new TreeSet<>();
      index.forEach(entry -> others.add(entry.model()));
      others.remove(model);
      throw ServingException.unavailable(
          "no model '%s' in %s (there are: %s)".formatted(model, repositories, others));
    }
  }
}
