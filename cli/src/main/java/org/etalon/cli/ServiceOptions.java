package org.etalon.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.inference.InferenceService;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The two doors to a model: an engine in this process, or a running server. */
final class ServiceOptions {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--model-repository",
      paramLabel = "DIR",
      description = "Serve the model inside this process, from these folders.")
  private List<Path> repositories = new ArrayList<>();

  @Option(names = "--url", paramLabel = "grpc://HOST:PORT", description = "Ask a running server.")
  private @Nullable String url;

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
    if ((url == null) == repositories.isEmpty()) {
      throw wrongUsage("give either --model-repository DIR or --url grpc://HOST:PORT");
    }
    if (url != null) {
      if (!devices.isEmpty() || jobsPerDevice != null) {
        throw wrongUsage(
            "--devices and --jobs-per-device go with --model-repository: a server has its own");
      }
      return new Opened(EtalonClient.open(ClientConfig.of(url)), Optional.empty());
    }
    EngineConfig config =
        EngineConfig.of(repositories)
            .withControl(ModelControl.EXPLICIT, Set.of(model))
            .withPlacement(InstanceOptions.placement(devices, jobsPerDevice));
    Engine engine = Engine.start(config, Engine.installedBackends());
    return new Opened(engine, Optional.of(engine));
  }

  private ParameterException wrongUsage(String message) {
    if (command == null) {
      throw new IllegalStateException("not used as a mixin");
    }
    return new ParameterException(command.commandLine(), message);
  }
}
