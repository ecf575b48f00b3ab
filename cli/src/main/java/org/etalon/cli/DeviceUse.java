package org.etalon.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Device;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.server.metrics.Gpu;
import org.etalon.server.metrics.Nvml;

/**
 * How busy the devices of an engine in this process are: the share of time in which each was
 * running batches, since the last look and in all, and how much of a GPU's memory is taken, as its
 * driver tells. Owned by one thread.
 */
final class DeviceUse {
  private static final long INTERVAL_NANOS = 500_000_000L;
  private static final double GIB = 1L << 30;

  private final Supplier<List<InstanceStatus>> instances;
  private final Supplier<List<Gpu>> gpus;
  private final LongSupplier clock;
  private final long startNanos;
  private final Map<Device, Long> atStart;
  private Map<Device, Long> last;
  private long lastNanos;
  private String text = "";

  /**
   * @param gpus in the driver's order; none where there is no driver
   * @param clock as {@link System#nanoTime}
   */
  DeviceUse(
      Supplier<List<InstanceStatus>> instances, Supplier<List<Gpu>> gpus, LongSupplier clock) {
    this.instances = instances;
    this.gpus = gpus;
    this.clock = clock;
    this.startNanos = clock.getAsLong();
    this.lastNanos = startNanos;
    this.atStart = busy();
    this.last = atStart;
  }

  /** Of an engine; of nothing at all where a server does the work. */
  static DeviceUse of(Optional<Engine> engine) {
    Supplier<List<InstanceStatus>> instances =
        () -> engine.map(Engine::instances).orElse(List.of());
    boolean hasGpu =
        instances.get().stream().anyMatch(one -> one.device().kind() == Device.Kind.CUDA);
    Optional<Nvml> driver = hasGpu ? Nvml.ofThisMachine() : Optional.empty();
    return new DeviceUse(
        instances, () -> driver.map(Nvml::gpus).orElse(List.of()), System::nanoTime);
  }

  /** Since the last look, at most twice a second: {@code cpu 93 %, cuda:0 71 % (2.5 of 80 GiB)}. */
  @Override
  public String toString() {
    long now = clock.getAsLong();
    if (now - lastNanos >= INTERVAL_NANOS) {
      Map<Device, Long> busy = busy();
      text = shares(last, busy, now - lastNanos);
      last = busy;
      lastNanos = now;
    }
    return text;
  }

  /** Since the beginning, behind a comma; nothing where nothing runs here. */
  String summary() {
    Map<Device, Long> busy = busy();
    return busy.isEmpty() ? "" : ", " + shares(atStart, busy, clock.getAsLong() - startNanos);
  }

  private Map<Device, Long> busy() {
    Map<Device, Long> busy = new LinkedHashMap<>();
    for (InstanceStatus instance : instances.get()) {
      busy.merge(instance.device(), instance.busyNanos(), Long::sum);
    }
    return busy;
  }

  private String shares(Map<Device, Long> from, Map<Device, Long> to, long nanos) {
    List<String> shares = new ArrayList<>();
    List<Gpu> told = gpus.get();
    to.forEach((device, busy) -> {
      double share = 100.0 * (busy - from.getOrDefault(device, 0L)) / Math.max(1, nanos);
      shares.add("%s %.0f %%%s".formatted(device, share, memory(device, told)));
    });
    return String.join(", ", shares);
  }

  private static String memory(Device device, List<Gpu> told) {
    if (device.kind() != Device.Kind.CUDA || device.index() >= told.size()) {
      return "";
    }
    Gpu gpu = told.get(device.index());
    return gpu.memoryUsedBytes().isEmpty() || gpu.memoryTotalBytes().isEmpty()
        ? ""
        : " (%.1f of %.0f GiB)"
            .formatted(
                gpu.memoryUsedBytes().getAsLong() / GIB, gpu.memoryTotalBytes().getAsLong() / GIB);
  }
}
