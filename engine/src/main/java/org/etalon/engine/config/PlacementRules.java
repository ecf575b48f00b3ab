package org.etalon.engine.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelRateLimiter;
import org.etalon.protocol.proto.ModelVersionPolicy;

/** Rules of which versions are served and where their instances run. */
final class PlacementRules {
  private PlacementRules() {}

  static void check(ModelConfig config, FaultList faults) {
    checkVersions(config.getVersionPolicy(), faults);
    checkRuntime(config, faults);
    Set<String> names = new HashSet<>();
    List<ModelInstanceGroup> groups = config.getInstanceGroupList();
    if (!groups.isEmpty() && groups.stream().allMatch(ModelInstanceGroup::getPassive)) {
      faults.add("instance_group", "all are passive (expected: one that takes requests)");
    }
    for (int i = 0; i < groups.size(); i++) {
      String path = "instance_group[%d]".formatted(i);
      checkGroup(path, groups.get(i), faults);
      String name = groups.get(i).getName();
      if (!name.isEmpty() && !names.add(name)) {
        faults.add(
            path + ".name", "'%s' is another group's too (expected: its own)".formatted(name));
      }
    }
  }

  private static void checkVersions(ModelVersionPolicy policy, FaultList faults) {
    if (policy.hasSpecific()) {
      List<Long> versions = policy.getSpecific().getVersionsList();
      if (versions.isEmpty() || versions.stream().anyMatch(version -> version < 1)) {
        faults.add(
            "version_policy.specific.versions",
            "%s (expected: one or more versions, each 1 or more)".formatted(versions));
      }
    }
  }

  private static void checkGroup(String path, ModelInstanceGroup group, FaultList faults) {
    if (group.getCount() < 0) {
      faults.add(path + ".count", group.getCount() + " (expected: 1 or more; 0 is the default, 1)");
    }
    List<Integer> gpus = group.getGpusList();
    if (gpus.stream().anyMatch(gpu -> gpu < 0) || new HashSet<>(gpus).size() < gpus.size()) {
      faults.add(path + ".gpus", "%s (expected: different GPUs, each 0 or more)".formatted(gpus));
    }
    checkResources(path + ".rate_limiter.resources", group.getRateLimiter(), faults);
    boolean isOnProcessor =
        switch (group.getKind()) {
          case KIND_CPU, KIND_MODEL -> true;
          case KIND_GPU, KIND_AUTO, UNRECOGNIZED -> false;
        };
    if (isOnProcessor && !gpus.isEmpty()) {
      faults.add(
          path + ".gpus", "%s beside %s (expected: KIND_GPU)".formatted(gpus, group.getKind()));
    }
  }

  private static void checkResources(String path, ModelRateLimiter limiter, FaultList faults) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < limiter.getResourcesCount(); i++) {
      String name = limiter.getResources(i).getName();
      if (name.isEmpty()) {
        faults.add("%s[%d].name".formatted(path, i), "not given (expected: the resource's name)");
      } else if (!names.add(name)) {
        faults.add(
            "%s[%d].name".formatted(path, i),
            "'%s' is listed twice (expected: once)".formatted(name));
      }
    }
  }

  /** In Triton the name of a backend's library; here backends are found by their own name. */
  private static void checkRuntime(ModelConfig config, FaultList faults) {
    String usual = "libtriton_%s.so".formatted(config.getBackend());
    String runtime = config.getRuntime();
    if (!runtime.isEmpty() && !runtime.equals(usual)) {
      faults.add(
          "runtime",
          "'%s' is a library of Triton's, which is not run here (expected: nothing, or '%s')"
              .formatted(runtime, usual));
    }
  }
}
