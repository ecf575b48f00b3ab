package org.etalon.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.etalon.analysis.dataset.DatasetConfig;
import org.etalon.analysis.dataset.DatasetInference;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Device;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.npy.Npy;

/** What {@code etalon infer} does, file to file, through either door. */
final class DatasetJob implements Way {
  private static final int MAX_IN_FLIGHT = 64;

  private final String name;
  private final InferenceService service;
  private final LongSupplier otherCpuNanos;
  private final Path output;
  private final DatasetConfig config;

  private DatasetJob(
      String name,
      InferenceService service,
      LongSupplier otherCpuNanos,
      Dataset data,
      int batchSize,
      Path output) {
    this.name = name;
    this.service = service;
    this.otherCpuNanos = otherCpuNanos;
    this.output = output;
    this.config =
        new DatasetConfig(
            ModelId.of("mlp"),
            Map.of("", data.file()),
            Map.of("", output),
            batchSize,
            MAX_IN_FLIGHT,
            true);
  }

  /** {@code --model-repository}: an engine in this process. */
  static DatasetJob embedded(
      Path repository, Dataset data, int batchSize, int jobsPerDevice, Path output) {
    List<Device> placement = Collections.nCopies(jobsPerDevice, Device.CPU);
    EngineConfig config =
        EngineConfig.of(List.of(repository))
            .withControl(ModelControl.EXPLICIT, Set.of("mlp"))
            .withPlacement(placement);
    return new DatasetJob(
        "embedded, %d %s".formatted(jobsPerDevice, jobsPerDevice == 1 ? "job" : "jobs"),
        Engine.start(config, Engine.installedBackends()),
        () -> 0,
        data,
        batchSize,
        output);
  }

  /** {@code --url}: a server in a process of its own. */
  static DatasetJob remote(ServerProcess server, Dataset data, int batchSize, Path output) {
    return new DatasetJob(
        "running server",
        EtalonClient.open(ClientConfig.of(server.url())),
        server::cpuNanos,
        data,
        batchSize,
        output);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public float[] pass() throws IOException {
    new DatasetInference(service, config, (_, _) -> {}).run();
    return Npy.read(output).floats();
  }

  @Override
  public long otherCpuNanos() {
    return otherCpuNanos.getAsLong();
  }

  @Override
  public void close() {
    service.close();
  }
}
