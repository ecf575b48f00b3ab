package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Device;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInstanceGroup;

/** On which devices a configuration's instance groups put instances. */
final class InstancePlacement {
  private InstancePlacement() {}

  /**
   * Where one instance is.
   *
   * @param group that it is of
   */
  record Place(ModelInstanceGroup group, Device device) {}

  /**
   * One entry an instance.
   *
   * @param devices that the backend can use
   * @throws ServingException INVALID_ARGUMENT if a group names a device that is not there; the
   *     message lists those that are
   */
  static List<Place> of(ModelConfig config, List<Device> devices) {
    List<Place> placed = new ArrayList<>();
    for (ModelInstanceGroup group : config.getInstanceGroupList()) {
      if (group.getPassive()) {
        continue; // its instances would take no requests
      }
      List<Device> targets = targets(config.getName(), group, devices);
      for (Device device : targets) {
        for (int i = 0; i < Math.max(1, group.getCount()); i++) {
          placed.add(new Place(group, device));
        }
      }
    }
    return placed.isEmpty()
        ? List.of(new Place(ModelInstanceGroup.getDefaultInstance(), Device.CPU))
        : placed;
  }

  private static List<Device> targets(
      String model, ModelInstanceGroup group, List<Device> devices) {
    List<Device> gpus =
        devices.stream().filter(device -> device.kind() == Device.Kind.CUDA).toList();
    return switch (group.getKind()) {
      case KIND_CPU, KIND_MODEL -> List.of(Device.CPU);
      case KIND_AUTO ->
          gpus.isEmpty() && group.getGpusCount() == 0
              ? List.of(Device.CPU)
              : gpus(model, group, gpus, devices);
      case KIND_GPU -> gpus(model, group, gpus, devices);
      case UNRECOGNIZED ->
          throw ServingException.invalid(
              "model '%s': instance_group kind is not known".formatted(model));
    };
  }

  private static List<Device> gpus(
      String model, ModelInstanceGroup group, List<Device> gpus, List<Device> devices) {
    List<Device> wanted =
        group.getGpusCount() == 0
            ? gpus
            : group.getGpusList().stream()
                .map(index -> new Device(Device.Kind.CUDA, index))
                .toList();
    for (Device device : wanted) {
      if (!gpus.contains(device)) {
        throw ServingException.invalid(
            "model '%s': instance_group '%s' asks for %s, but there is only %s"
                .formatted(model, group.getName(), device, devices));
      }
    }
    if (wanted.isEmpty()) {
      throw ServingException.invalid(
          "model '%s': instance_group '%s' asks for a GPU, but there is only %s (use kind: KIND_CPU or KIND_AUTO)"
              .formatted(model, group.getName(), devices));
    }
    return wanted;
  }
}
