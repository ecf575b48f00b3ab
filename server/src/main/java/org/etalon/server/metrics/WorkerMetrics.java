package org.etalon.server.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.etalon.engine.backend.InstanceProcess;
import org.etalon.engine.status.InstanceStatus;

/** The processes of instances that run apart from the service. */
final class WorkerMetrics {
  private static final double MILLIS_PER_SECOND = 1e3;

  /**
   * One of them.
   *
   * @param number of the instance in its version, from 0
   */
  private record Worker(InstanceStatus instance, int number, InstanceProcess process) {}

  private WorkerMetrics() {}

  /** Nothing where no instance has a process of its own. */
  static void write(MetricsPage page, List<InstanceStatus> instances) {
    List<Worker> workers = workers(instances);
    if (workers.isEmpty()) {
      return;
    }
    series(
        page,
        workers,
        "etalon_worker_up",
        "gauge",
        "Whether the instance's worker process can run batches, 0 or 1",
        process -> OptionalDouble.of(process.pid().isPresent() ? 1 : 0));
    series(
        page,
        workers,
        "etalon_worker_starts_total",
        "counter",
        "Worker processes of the instance that got ready",
        process -> OptionalDouble.of((double) process.starts()));
    series(
        page,
        workers,
        "etalon_worker_startup_seconds",
        "gauge",
        "Time that the last worker process took until it was ready, in seconds",
        process -> OptionalDouble.of(process.startup().toMillis() / MILLIS_PER_SECOND));
    series(
        page,
        workers,
        "etalon_worker_resident_bytes",
        "gauge",
        "Memory that the worker process holds, in bytes",
        process -> number(process.residentBytes()));
  }

  private static List<Worker> workers(List<InstanceStatus> instances) {
    List<Worker> workers = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (InstanceStatus instance : instances) {
      int number = counts.merge(instance.model() + "/" + instance.version(), 1, Integer::sum) - 1;
      instance.process().ifPresent(process -> workers.add(new Worker(instance, number, process)));
    }
    return workers;
  }

  private static OptionalDouble number(OptionalLong value) {
    return value.isPresent()
        ? OptionalDouble.of((double) value.getAsLong())
        : OptionalDouble.empty();
  }

  private static void series(
      MetricsPage page,
      List<Worker> workers,
      String name,
      String type,
      String help,
      Function<InstanceProcess, OptionalDouble> value) {
    page.family(name, type, help);
    for (Worker worker : workers) {
      value
          .apply(worker.process)
          .ifPresent(number ->
              page.line(name)
                  .label("instance", Integer.toString(worker.number))
                  .label("model", worker.instance.model())
                  .label("version", Long.toString(worker.instance.version()))
                  .value(number));
    }
  }
}
