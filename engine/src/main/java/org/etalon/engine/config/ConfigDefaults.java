package org.etalon.engine.config;

import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Device;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelInstanceGroup.Kind;
import org.etalon.protocol.proto.ModelVersionPolicy;

/** What a configuration means where it says nothing. */
final class ConfigDefaults {
  private ConfigDefaults() {}

  static ModelConfig complete(ModelConfig config, List<Device> devices) {
    if (config.hasEnsembleScheduling()) {
      return config.toBuilder().setVersionPolicy(complete(config.getVersionPolicy())).build();
    }
    ModelConfig.Builder completed = config.toBuilder().clearInstanceGroup();
    List<ModelInstanceGroup> groups =
        config.getInstanceGroupCount() > 0
            ? config.getInstanceGroupList()
            : List.of(ModelInstanceGroup.newBuilder().setKind(Kind.KIND_CPU).build());
    for (int i = 0; i < groups.size(); i++) {
      completed.addInstanceGroup(
          complete(groups.get(i), "%s_%d".formatted(config.getName(), i), devices));
    }
    return completed.setVersionPolicy(complete(config.getVersionPolicy())).build();
  }

  private static ModelInstanceGroup complete(
      ModelInstanceGroup group, String name, List<Device> devices) {
    ModelInstanceGroup.Builder completed =
        group.toBuilder().setCount(Math.max(1, group.getCount()));
    if (group.getName().isEmpty()) {
      completed.setName(name);
    }
    if (group.getKind() == Kind.KIND_AUTO) {
      boolean isOnGpu = group.getGpusCount() > 0 || devices.getFirst().kind() == Device.Kind.CUDA;
      completed.setKind(isOnGpu ? Kind.KIND_GPU : Kind.KIND_CPU);
    }
    if (completed.getKind() == Kind.KIND_GPU && completed.getGpusCount() == 0) {
      completed.addAllGpus(indices(devices));
    }
    return completed.build();
  }

  private static List<Integer> indices(List<Device> devices) {
    List<Integer> gpus = new ArrayList<>();
    for (Device device : devices) {
      if (device.kind() == Device.Kind.CUDA) {
        gpus.add(device.index());
      }
    }
    return gpus;
  }

  private static ModelVersionPolicy complete(ModelVersionPolicy policy) {
    boolean isLatest =
        switch (policy.getPolicyChoiceCase()) {
          case LATEST, POLICYCHOICE_NOT_SET -> true;
          case ALL, SPECIFIC -> false;
        };
    return isLatest && policy.getLatest().getNumVersions() == 0
        ? ModelVersionPolicy.newBuilder()
            .setLatest(ModelVersionPolicy.Latest.newBuilder().setNumVersions(1))
            .build()
        : policy;
  }
}
