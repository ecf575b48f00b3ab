package org.etalon.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.Device;
import org.etalon.inference.ServingException;
import org.etalon.server.metrics.Gpu;
import org.etalon.server.metrics.Nvml;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code etalon devices}. */
@Command(
    name = "devices",
    description = "Lists what models can run on here, and which backend can use it.",
    mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() {
    Map<String, List<Device>> usable = new LinkedHashMap<>();
    for (Backend backend : Engine.installedBackends()) {
      try (backend) {
        usable.put(backend.name(), backend.devices());
      } catch (ServingException e) {
        System.err.println("etalon: backend " + backend.name() + ": " + e.getMessage());
      }
    }
    List<Gpu> gpus = Nvml.ofThisMachine().map(Nvml::gpus).orElse(List.of());
    DeviceTable.of(Processor.ofThisMachine(), gpus, usable).print(asJson);
    return 0;
  }
}
