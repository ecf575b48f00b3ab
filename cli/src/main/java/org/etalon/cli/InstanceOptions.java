package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.etalon.engine.backend.Device;
import org.jspecify.annotations.Nullable;

/** Reads devices as the command line names them. */
final class InstanceOptions {
  private InstanceOptions() {}

  /** One entry an instance; none: as each model's configuration says. */
  static List<Device> placement(List<String> devices, @Nullable Integer jobsPerDevice) {
    if (devices.isEmpty() && jobsPerDevice == null) {
      return List.of();
    }
    int jobs = jobsPerDevice == null ? 1 : jobsPerDevice;
    if (jobs < 1) {
      throw new IllegalArgumentException("--jobs-per-device: " + jobs + " (expected: >= 1)");
    }
    List<Device> placement = new ArrayList<>();
    for (String name : devices.isEmpty() ? List.of("cpu") : devices) {
      for (int i = 0; i < jobs; i++) {
        placement.add(device(name));
      }
    }
    return placement;
  }

  private static Device device(String name) {
    String[] parts = name.toUpperCase(Locale.ROOT).split(":", 2);
    try {
      Device.Kind kind = Device.Kind.valueOf(parts[0]);
      return new Device(kind, parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--devices: '%s' (expected: cpu, or cuda:N with N from 0)".formatted(name), e);
    }
  }
}
