package org.etalon.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.etalon.engine.backend.Device;
import org.etalon.server.metrics.Gpu;

/** The devices of a machine, with those that only the driver or only a backend knows of. */
final class DeviceTable {
  private static final double GIB = 1L << 30;

  private DeviceTable() {}

  /**
   * @param gpus as the driver tells them, in its order
   * @param usable the devices of each backend, by its name
   */
  static TextTable of(Processor processor, List<Gpu> gpus, Map<String, List<Device>> usable) {
    TextTable table =
        new TextTable("device", "name", "memory GiB", "used GiB", "busy percent", "backends");
    table.row(
        Device.CPU,
        processor.name(),
        gib(processor.memoryTotalBytes()),
        gib(processor.memoryUsedBytes()),
        "",
        backends(Device.CPU, usable));
    for (Device device : accelerators(gpus, usable)) {
      boolean isTold = device.kind() == Device.Kind.CUDA && device.index() < gpus.size();
      if (isTold) {
        Gpu gpu = gpus.get(device.index());
        table.row(
            device,
            gpu.name(),
            gib(gpu.memoryTotalBytes()),
            gib(gpu.memoryUsedBytes()),
            percent(gpu.utilization()),
            backends(device, usable));
      } else {
        table.row(device, "", "", "", "", backends(device, usable));
      }
    }
    return table;
  }

  private static Set<Device> accelerators(List<Gpu> gpus, Map<String, List<Device>> usable) {
    Set<Device> devices = new LinkedHashSet<>();
    for (int i = 0; i < gpus.size(); i++) {
      devices.add(new Device(Device.Kind.CUDA, i));
    }
    usable.values().forEach(devices::addAll);
    devices.remove(Device.CPU);
    return devices;
  }

  private static String backends(Device device, Map<String, List<Device>> usable) {
    List<String> names = new ArrayList<>();
    usable.forEach((backend, devices) -> {
      if (devices.contains(device)) {
        names.add(backend);
      }
    });
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  private static Object gib(OptionalLong bytes) {
    return bytes.isPresent() ? gib(bytes.getAsLong()) : "";
  }

  private static Object gib(long bytes) {
    return Math.round(10 * bytes / GIB) / 10.0;
  }

  private static Object percent(OptionalDouble share) {
    return share.isPresent() ? (Object) Math.round(100 * share.getAsDouble()) : "";
  }
}
