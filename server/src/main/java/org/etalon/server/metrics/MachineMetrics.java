package org.etalon.server.metrics;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/** Processors, memory and GPUs, under the names that the protocol's dashboards read. */
final class MachineMetrics {
  private MachineMetrics() {}

  static void write(MetricsPage page, Machine machine) {
    page.family("nv_cpu_utilization", "gauge", "CPU utilization rate [0.0 - 1.0]");
    machine.cpuUtilization().ifPresent(load -> page.line("nv_cpu_utilization").value(load));
    page.family("nv_cpu_memory_total_bytes", "gauge", "CPU total memory (RAM), in bytes");
    page.line("nv_cpu_memory_total_bytes").value(machine.memoryTotalBytes());
    page.family("nv_cpu_memory_used_bytes", "gauge", "CPU used memory (RAM), in bytes");
    page.line("nv_cpu_memory_used_bytes").value(machine.memoryUsedBytes());
  }

  /** There is no pool of pinned memory: dashboards that divide by its size are told so. */
  static void writePinnedMemory(MetricsPage page) {
    page.family(
        "nv_pinned_memory_pool_total_bytes", "gauge", "Pinned memory pool total size, in bytes");
    page.line("nv_pinned_memory_pool_total_bytes").value(0);
    page.family(
        "nv_pinned_memory_pool_used_bytes", "gauge", "Pinned memory pool used size, in bytes");
    page.line("nv_pinned_memory_pool_used_bytes").value(0);
  }

  static void write(MetricsPage page, List<Gpu> gpus) {
    series(
        page,
        gpus,
        "nv_gpu_utilization",
        "gauge",
        "GPU utilization rate [0.0 - 1.0)",
        Gpu::utilization);
    series(page, gpus, "nv_gpu_power_usage", "gauge", "GPU power usage in watts", Gpu::powerWatts);
    series(
        page,
        gpus,
        "nv_gpu_power_limit",
        "gauge",
        "GPU power management limit in watts",
        Gpu::powerLimitWatts);
    series(
        page,
        gpus,
        "nv_energy_consumption",
        "counter",
        "GPU energy consumption in joules since the driver was loaded",
        Gpu::energyJoules);
    series(
        page,
        gpus,
        "nv_gpu_memory_total_bytes",
        "gauge",
        "GPU total memory, in bytes",
        gpu -> number(gpu.memoryTotalBytes()));
    series(
        page,
        gpus,
        "nv_gpu_memory_used_bytes",
        "gauge",
        "GPU used memory, in bytes",
        gpu -> number(gpu.memoryUsedBytes()));
  }

  private static OptionalDouble number(OptionalLong value) {
    return value.isPresent()
        ? OptionalDouble.of((double) value.getAsLong())
        : OptionalDouble.empty();
  }

  private static void series(
      MetricsPage page,
      List<Gpu> gpus,
      String name,
      String type,
      String help,
      Function<Gpu, OptionalDouble> value) {
    page.family(name, type, help);
    for (Gpu gpu : gpus) {
      value
          .apply(gpu)
          .ifPresent(number -> page.line(name).label("gpu_uuid", gpu.uuid()).value(number));
    }
  }
}
