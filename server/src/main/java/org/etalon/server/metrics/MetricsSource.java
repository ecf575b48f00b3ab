package org.etalon.server.metrics;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.engine.status.ModelStatistics;

/** Writes the page from what it is told at that moment. Thread-safe. */
final class MetricsSource {
  /**
   * Whom to ask.
   *
   * @param instances of all models
   * @param connections open now, by protocol
   * @param gpus empty where there are none to ask
   */
  record Sensors(
      Supplier<List<ModelStatistics>> models,
      Supplier<List<InstanceStatus>> instances,
      Supplier<SortedMap<String, Integer>> connections,
      Supplier<Machine> machine,
      Optional<Supplier<List<Gpu>>> gpus) {}

  private final MetricsConfig config;
  private final Sensors sensors;
  private final LongSupplier nanoClock;
  private final Fresh<Machine> machine;
  private final Optional<Fresh<List<Gpu>>> gpus;
  private final LatencyWindow window = new LatencyWindow();

  MetricsSource(MetricsConfig config, Sensors sensors, LongSupplier nanoClock) {
    this.config = config;
    this.sensors = sensors;
    this.nanoClock = nanoClock;
    this.machine = new Fresh<>(sensors.machine(), config.interval(), nanoClock);
    this.gpus = sensors.gpus().map(reader -> new Fresh<>(reader, config.interval(), nanoClock));
  }

  /** To be called every {@link LatencyWindow#STEP} where {@link #hasSummaries}. */
  void noteLatencies() {
    window.note(nanoClock.getAsLong(), sensors.models().get());
  }

  boolean hasSummaries() {
    return !config.latencies().quantiles().isEmpty();
  }

  /** The whole page. */
  String page() {
    var page = new MetricsPage();
    List<ModelStatistics> models = sensors.models().get();
    ModelMetrics.write(page, models, config.latencies().withCounters());
    if (hasSummaries()) {
      LatencyMetrics.writeSummaries(page, models, config.latencies().quantiles(), window::recent);
    }
    LatencyMetrics.writeHistograms(page, models);
    BatchMetrics.write(page, models);
    if (config.latencies().withFirstResponses()) {
      LatencyMetrics.writeFirstResponses(page, models);
    }
    WorkerMetrics.write(page, sensors.instances().get());
    writeConnections(page);
    if (config.withMachine()) {
      MachineMetrics.write(page, machine.get());
    }
    MachineMetrics.writePinnedMemory(page);
    if (config.withGpus()) {
      gpus.ifPresent(reader -> MachineMetrics.write(page, reader.get()));
    }
    return page.toString();
  }

  private void writeConnections(MetricsPage page) {
    String name = "etalon_connections";
    page.family(name, "gauge", "Connections open now, by protocol");
    sensors
        .connections()
        .get()
        .forEach((protocol, count) -> page.line(name).label("protocol", protocol).value(count));
  }
}
